import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { LedgerActivity } from './ledger-activity.js';
import { LedgerReader } from './ledger-reader.js';

/** For those who only look at the ledger: no audit is opened, and nothing is written. */
@Module({ imports: [StoreModule], providers: [LedgerActivity, LedgerReader], exports: [LedgerActivity, LedgerReader] })
export class LedgerReaderModule {}
