import { Dice } from './soak-dice.js';
import {
  faultyOrder,
  freeOrder,
  invalidOrder,
  paidOrder,
  slowOrder,
  stallingOrder,
  tooDearOrder,
  type OrderMaker,
  type SoakOrder,
} from './soak-orders.js';

export interface SoakCall extends SoakOrder {
  /** Which of the two proxies it goes to. */
  readonly proxy: 0 | 1;
  /** The client disconnects so long after it began, if it has no answer by then. */
  readonly leavesAfterMs?: number | undefined;
}

const ORDERS = {
  plain: paidOrder,
  free: freeOrder,
  faulty: faultyOrder,
  slow: slowOrder,
  stalling: stallingOrder,
  'too dear': tooDearOrder,
  invalid: invalidOrder,
  // Where there is nothing to repeat.
  repeated: paidOrder,
} as const satisfies Record<string, OrderMaker>;
type Kind = keyof typeof ORDERS;

/** Parts of a hundred. */
const MIX: readonly (readonly [Kind, number])[] = [
  ['plain', 37],
  ['free', 7],
  ['faulty', 25],
  ['slow', 10],
  ['stalling', 1],
  ['too dear', 1],
  ['invalid', 6],
  ['repeated', 13],
];
/** The part of the clients that may leave before they have their answer, and within which time they do. */
const LEAVING: Readonly<Partial<Record<Kind, number>>> = { slow: 0.9, free: 0.1, faulty: 0.1, stalling: 0.1 };
const LEAVE_WITHIN_MS = 300;
/** A repeat comes while what it repeats is on its way, or shortly after. */
const REPEATS_WITHIN_CALLS = 30;

/** The n-th call of the run with this seed. Every body is another one, but where a repeat is meant. */
export function callAt(seed: number, index: number): SoakCall {
  const { dice, proxy, kind } = beginningOf(seed, index);
  const original = kind === 'repeated' ? earlierCall(seed, index, dice) : undefined;
  if (original !== undefined) return repeatOf(original, dice, nameOf(seed, index));
  const order = ORDERS[kind](dice, nameOf(seed, index));
  return { ...order, proxy, leavesAfterMs: dice.chance(LEAVING[kind] ?? 0) ? dice.below(LEAVE_WITHIN_MS) : undefined };
}

function nameOf(seed: number, index: number): string {
  return `call ${index} of run ${seed}`;
}

/** The first call of all is a plain one: the payee that it meets is trusted from then on. */
function beginningOf(seed: number, index: number): { dice: Dice; proxy: 0 | 1; kind: Kind } {
  const dice = new Dice(seed, index);
  const proxy = dice.below(2) === 0 ? 0 : 1;
  let left = dice.below(MIX.reduce((sum, [, weight]) => sum + weight, 0));
  const [kind] = MIX.find(([, weight]) => (left -= weight) < 0) ?? ['plain' as const];
  return { dice, proxy, kind: index === 0 ? 'plain' : kind };
}

function earlierCall(seed: number, index: number, dice: Dice): SoakCall | undefined {
  const earlier = index - 1 - dice.below(Math.min(index, REPEATS_WITHIN_CALLS));
  const { kind } = beginningOf(seed, earlier);
  return kind === 'repeated' || kind === 'invalid' ? undefined : callAt(seed, earlier);
}

/** Mostly to the same proxy, which then has to share the answer; the other one knows nothing of it and buys its own. */
function repeatOf(original: SoakCall, dice: Dice, name: string): SoakCall {
  const isElsewhere = dice.chance(0.2);
  const proxy = isElsewhere ? (original.proxy === 0 ? 1 : 0) : original.proxy;
  const leavesAfterMs = dice.chance(0.1) ? dice.below(LEAVE_WITHIN_MS) : undefined;
  const repeated: SoakCall = { ...original, proxy, leavesAfterMs, isPaid: isElsewhere && original.isPaid };
  const hasOtherBody = original.headers['idempotency-key'] !== undefined && dice.chance(0.2);
  return hasOtherBody ? { ...repeated, body: paidOrder(dice, name).body } : repeated;
}
