import base from './jest.config.mjs';

/** The real OpenClaw: `npm run test:openclaw`. One file at a time, since a turn is a process of 200 MB. */
export default {
  ...base,
  testRegex: 'test/openclaw/.*-real\\.ts$',
  setupFilesAfterEnv: ['./test/openclaw/prepare-openclaw.ts'],
  testTimeout: 900_000,
  maxWorkers: 1,
};
