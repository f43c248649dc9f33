import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { SqlStore } from '../store/sql-store.js';
import { ledgerTime } from './ledger-time.js';

/** An instance that has not been seen for so long is taken for dead. */
const LEASE_MS = 60_000;

/**
 * This process among those that serve from the same ledger, and which of them live. To take a living one for dead is harmless: its unsigned
 * holds expire, so that it cannot sign them any more, and its signed ones keep counting until they are settled.
 */
@Injectable()
export class Instance implements OnApplicationShutdown {
  readonly id: string = randomUUID();
  private readonly host = hostAndPidSpace();

  constructor(
    private readonly store: SqlStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Tells the others that this process lives; to be repeated well within the lease. @throws CodedError ledger_unavailable */
  async beat(): Promise<void> {
    await this.store.write((tx, at) => {
      const seenAt = BigInt(ledgerTime(at, this.clock).getTime());
      return tx
        .insertInto('instance')
        .values({ id: this.id, host: this.host, pid: BigInt(process.pid), seen_at: seenAt })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: seenAt }))
        .execute();
    });
  }

  /** The ids of all that are on the list, told apart by whether they live; this one does. */
  async all(): Promise<{ living: Set<string>; dead: string[] }> {
    const rows = await this.store.reader.selectFrom('instance').selectAll().execute();
    const now = ledgerTime(await this.store.time(), this.clock).getTime();
    const isDead = ({ id, host, pid, seen_at: seenAt }: (typeof rows)[number]) =>
      id !== this.id && ((host === this.host && !isRunning(Number(pid))) || Math.abs(now - Number(seenAt)) >= LEASE_MS);
    const living = rows.filter((row) => !isDead(row)).map(({ id }) => id);
    return { living: new Set([this.id, ...living]), dead: rows.filter(isDead).map(({ id }) => id) };
  }

  /** Takes this process off the list. Where that fails, the others find out by themselves. */
  async onApplicationShutdown(): Promise<void> {
    await this.store.write((tx) => tx.deleteFrom('instance').where('id', '=', this.id).execute()).catch(() => undefined);
  }

  /** Takes dead ones, for whose holds all has been done, off the list. */
  async bury(dead: readonly string[]): Promise<void> {
    if (dead.length > 0) await this.store.write((tx) => tx.deleteFrom('instance').where('id', 'in', dead).execute());
  }
}

/** Process numbers mean something only on one machine, and there in one namespace of them. */
function hostAndPidSpace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // not Linux: there is one space
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's, and alive
  }
}
