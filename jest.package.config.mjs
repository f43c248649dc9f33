import base from './jest.config.mjs';

/** The package as its users install it: it needs the registry, and takes a minute. `npm run test:package`. */
export default { ...base, testRegex: 'test/package/.*-check\\.ts$', maxWorkers: 1 };
