/**
 * Makes usdc-base.artifact.ts from usdc-base.sol. Needed only after a change of the contract, so the compiler is no dependency.
 * From the project's root, after a build of the sandbox:
 *
 *   npm install --prefix /tmp/solc solc@0.8.37
 *   node dist/sandbox/token/compile.js /tmp/solc && npx prettier --write sandbox/token
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

interface Compiler {
  version(): string;
  compile(input: string): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: {
    readonly 'usdc-base.sol': {
      readonly UsdcBase: {
        readonly abi: unknown;
        readonly evm: { readonly deployedBytecode: { readonly object: string; readonly immutableReferences?: object } };
        readonly storageLayout: { readonly storage: readonly { readonly label: string; readonly slot: string }[] };
      };
    };
  };
}

const FOLDER = 'sandbox/token';
const solc = createRequire(join(resolve(process.argv[2] ?? '.'), 'index.js'))('solc') as Compiler;
const input = {
  language: 'Solidity',
  sources: { 'usdc-base.sol': { content: readFileSync(join(FOLDER, 'usdc-base.sol'), 'utf8') } },
  settings: {
    evmVersion: 'paris',
    optimizer: { enabled: true, runs: 200 },
    // The bytecode must depend on the contract alone, not on the place or wording of its source file.
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.deployedBytecode', 'storageLayout'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
const problems = (output.errors ?? []).filter(({ severity }) => severity === 'error');
if (problems.length > 0) throw new Error(problems.map(({ formattedMessage }) => formattedMessage).join('\n'));

const { abi, evm, storageLayout } = output.contracts['usdc-base.sol'].UsdcBase;
// The runtime code is put at its address as it is: nobody runs a constructor that would fill immutables in.
if (Object.keys(evm.deployedBytecode.immutableReferences ?? {}).length > 0) throw new Error('The contract must not have immutables');
const slots = Object.fromEntries(storageLayout.storage.map(({ label, slot }) => [label, Number(slot)]));
writeFileSync(
  join(FOLDER, 'usdc-base.artifact.ts'),
  `/** Made by compile.ts from usdc-base.sol with solc ${solc.version()}, evmVersion paris, optimizer 200 runs. Do not edit. */
export const usdcBase = {
  abi: ${JSON.stringify(abi)},
  runtime: '0x${evm.deployedBytecode.object}',
  slots: ${JSON.stringify(slots)},
} as const;
`,
);
