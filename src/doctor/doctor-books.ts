import { existsSync } from 'node:fs';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from '../store/sql-store.js';

/** The ledger, opened once for all checks, and for reading alone. */
@Injectable()
export class DoctorBooks implements OnApplicationShutdown {
  private opened: Promise<SqlStore> | undefined;

  constructor(private readonly configuration: Configuration) {}

  /** Where there is no ledger yet, the first start of the proxy makes one. */
  get isThere(): boolean {
    return this.configuration.sharedLedger !== undefined || existsSync(this.configuration.ledgerFile);
  }

  /** Undefined where there is none. @throws CodedError ledger_unavailable */
  async store(): Promise<SqlStore | undefined> {
    if (!this.isThere) return undefined;
    this.opened ??= SqlStore.inspect(this.configuration);
    return this.opened;
  }

  async onApplicationShutdown(): Promise<void> {
    const store = await this.opened?.catch(() => undefined);
    await store?.onApplicationShutdown();
  }
}
