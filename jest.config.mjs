/** ESM mode: run through `node --experimental-vm-modules`. Decorator metadata as in .swcrc, so that Nest injects as in production. */
export default {
  testEnvironment: 'node',
  // Generous: it only bounds a test that hangs. Two workers, since the tests start processes of their own.
  testTimeout: 240_000,
  maxWorkers: 2,
  testRegex: 'test/.*-spec\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
};
