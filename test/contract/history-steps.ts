import fc from 'fast-check';
import { type ClientName, CLIENTS, type LimitsOfAll } from './history-limits.js';

/** The two processes that share the books. */
export const PROCESSES = ['A', 'B'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** A seller that denies honestly never takes the money; one that lies takes it before the payment runs out. */
export type Denial = 'none' | 'honest' | 'lie';

/**
 * What a process does about a purchase: number so and so of those for which it makes sense, or of all where there is none: then it has to
 * be refused.
 */
export type PurchaseStep =
  | { act: 'sign'; purchase: number; amount: bigint; validitySeconds: number }
  /** The signed request leaves the process: from now on the seller can take the money. */
  | { act: 'send'; purchase: number }
  /** The answer came; without a receipt the seller takes the money some time later. */
  | { act: 'settle'; purchase: number; hasReceipt: boolean }
  /** No usable answer came; the seller may deny that it charges anything. */
  | { act: 'leaveUnresolved'; purchase: number; denial: Denial }
  | { act: 'release'; purchase: number; answered: boolean }
  /** The same claim again. */
  | { act: 'claimAgain'; purchase: number };

/** What a process does besides. `restart` of one that runs is a clean stop and a new start. */
export type LifeStep =
  /** Begins a purchase. */
  | { act: 'place'; by: ProcessName; max: bigint; client?: ClientName | undefined }
  | { act: 'restart'; by: ProcessName }
  | { act: 'crash' | 'compare'; by: ProcessName }
  /** `meanwhile` happens between the chain's first answer and what the sweep makes of it. */
  | { act: 'sweep'; by: ProcessName; meanwhile: PurchaseStep | WorldStep | undefined };

export type OperatorStep =
  { act: 'stop' | 'resume' | 'reset' | 'acceptClock'; by: ProcessName } | { act: 'raise'; by: ProcessName; amount: bigint };

export type WorldStep =
  /** The seller takes one of the payments that it can take. */
  | { act: 'take'; payment: number }
  /** `beating`: the processes that run say then that they do. */
  | { act: 'pass'; seconds: number; beating: boolean }
  /** Time passes until so many seconds after (or before) the next midnight of the machine. */
  | { act: 'midnight'; seconds: number; beating: boolean }
  /** The machine's clock is set by so much; no time passes. */
  | { act: 'setClock'; seconds: number };

export type PlainStep = PurchaseStep | LifeStep | OperatorStep | WorldStep;
/** `full`: while the disk takes no line of the audit. */
export type Step = PlainStep | { act: 'full'; step: PlainStep };

export interface History {
  steps: Step[];
  /** The audit begins a new file when it is so large. */
  auditMaxBytes: number;
  limits: LimitsOfAll;
}

const act = <Act extends string>(name: Act) => fc.constant(name);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const by = fc.constantFrom(...PROCESSES);
const amount = fc.bigInt({ min: 1n, max: 700n });
const validitySeconds = fc.integer({ min: 1, max: 600 });
const one = { purchase: fc.nat({ max: 9 }) };

const purchase: fc.Arbitrary<PurchaseStep> = fc.oneof(
  often(1, fc.record({ ...one, act: act('claimAgain') })),
  often(8, fc.record({ ...one, act: act('sign'), amount: fc.bigInt({ min: 1n, max: 250n }), validitySeconds })),
  often(8, fc.record({ ...one, act: act('send') })),
  often(5, fc.record({ ...one, act: act('settle'), hasReceipt: fc.boolean() })),
  often(4, fc.record({ ...one, act: act('leaveUnresolved'), denial: fc.constantFrom<Denial[]>('none', 'honest', 'lie') })),
  often(2, fc.record({ ...one, act: act('release'), answered: fc.boolean() })),
);

const DAY = 86_400;
const beating = fc.constantFrom(true, true, false);
const stretch = fc.oneof(often(2, fc.integer({ min: 1, max: 50 })), often(1, fc.integer({ min: 51, max: 600 })));
const jump = fc.oneof(often(4, fc.integer({ min: -1500, max: 1500 })), often(1, fc.constantFrom(-DAY, DAY)));
const world: fc.Arbitrary<WorldStep> = fc.oneof(
  often(4, fc.record({ act: act('take'), payment: fc.nat({ max: 9 }) })),
  often(5, fc.record({ act: act('pass'), seconds: stretch, beating })),
  often(1, fc.record({ act: act('midnight'), seconds: fc.integer({ min: -5, max: 5 }), beating })),
  often(2, fc.record({ act: act('setClock'), seconds: jump })),
);

const operator: fc.Arbitrary<OperatorStep> = fc.oneof(
  often(1, fc.record({ act: act('raise'), by, amount })),
  often(5, fc.record({ act: fc.constantFrom('stop', 'resume', 'resume', 'reset', 'acceptClock', 'acceptClock'), by })),
);

const meanwhile = fc.oneof(often(3, purchase), often(2, world));
const client = fc.constantFrom(undefined, ...(Object.keys(CLIENTS) as ClientName[]));
const place: fc.Arbitrary<LifeStep> = fc.record({ act: act('place'), by, max: amount, client });
const life: fc.Arbitrary<LifeStep> = fc.oneof(
  often(4, fc.record({ act: act('sweep'), by, meanwhile: fc.option(meanwhile, { nil: undefined }) })),
  often(1, fc.record({ act: fc.constantFrom('crash', 'restart', 'compare'), by })),
);

const plain: fc.Arbitrary<PlainStep> = fc.oneof(often(8, place), often(28, purchase), often(10, world), often(4, operator), often(8, life));
const step: fc.Arbitrary<Step> = fc.oneof(often(11, plain), often(1, fc.record({ act: act('full'), step: plain })));

export const histories: fc.Arbitrary<History> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  auditMaxBytes: fc.constantFrom(Infinity, 3000),
  limits: fc.constantFrom<LimitsOfAll[]>({}, { microUsdPerMinute: 400n, requestsPerMinute: 4n, concurrent: 3n }),
});
