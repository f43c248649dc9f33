import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the seller answers one request. Texts may hold the blanks of `Blanks`. */
export interface Answer {
  /** A 402 in the header; its fields replace those of an honest one. */
  challenge?: Fields;
  /** The same in the body instead, in the version that it says. */
  challengeInBody?: Fields;
  /** What was bought, as JSON or as a stream; paid for it is settled first, with a receipt. */
  completion?: true;
  /** Anything else. */
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** What happens to the connection instead of an answer; `drip` sends a byte of it now and then. */
  act?: 'reset' | 'hang' | 'drip' | 'drip-body';
}
export type Fields = Record<string, unknown>;

export interface Call {
  /** Of the body, beside model, messages and max_tokens. */
  fields?: Fields;
  headers?: Record<string, string>;
  /** So many at once. */
  together?: number;
  /** The very same body in each call. */
  same?: boolean;
}

/** A seller, what clients ask of it, and what may come of it. */
export interface Scenario {
  class: string;
  name: string;
  says: string;
  environment?: Record<string, string>;
  calls: readonly Call[];
  /** What is answered to the first, second, … request without and with a payment; the last answer goes on. */
  routes: { ask: readonly Answer[]; paid: readonly Answer[] };
  expected: Expected;
}

export interface Expected {
  /** Whether anything may be paid. */
  allow: boolean;
  /** The most that may be signed in all. Exactly this is lost where something may be paid. */
  maxUsd: string;
  recipient: string;
  maxPayments: number;
  maxValiditySeconds: number;
  /** What the client is told, call by call: an error's code, or the status of a success. The last one holds for the rest. */
  answers: readonly (string | number)[];
  /** Calls at once may be answered in any way, as long as nothing else is wrong. */
  anyOrder?: true;
  /** How often the seller is asked without a payment at the most; by default once a call. */
  maxAsks?: number;
}

const DIRECTORY = join(dirname(fileURLToPath(import.meta.url)), 'scenarios');

/** Every file of `scenarios/<class>/<name>.json`, in the order of their names. */
export function loadScenarios(): Scenario[] {
  return (readdirSync(DIRECTORY, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const written = JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as Partial<Scenario>;
      const { says = '', calls = [{}], routes, expected, environment } = written;
      if (!routes || !expected) throw new Error(`${file} has no routes or expects nothing`);
      const named = { class: dirname(file), name: basename(file, '.json'), says, calls, expected: { ...NOTHING, ...expected } };
      return { ...named, routes: { ...DEFAULT_ROUTES, ...routes }, ...(environment && { environment }) };
    });
}

const NOTHING: Expected = {
  allow: false,
  maxUsd: '0',
  recipient: '{payee}',
  maxPayments: 0,
  maxValiditySeconds: 600,
  answers: [200],
};
const DEFAULT_ROUTES: Scenario['routes'] = { ask: [{ challenge: {} }], paid: [{ completion: true }] };
