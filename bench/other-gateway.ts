import type { ChildPlace, Server } from './children.js';
import type { CallKind } from './wire.js';

/** A gateway of the field that is measured beside this proxy. */
export interface OtherGateway {
  readonly name: string;
  /** What it is measured with: whatever it can do. */
  readonly kinds: readonly CallKind[];
  /** Starts it as a process of its own, before the upstream given. @throws where it does not listen in time */
  start(upstream: Server, at: ChildPlace): Promise<Server>;
  /** What tells it to hand a call on to the upstream. */
  headers(upstream: Server): Record<string, string>;
}
