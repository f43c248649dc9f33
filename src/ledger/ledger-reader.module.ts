import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { LedgerReader } from './ledger-reader.js';

/** For those who only look at the ledger: no audit is opened, and nothing is written. */
@Module({ imports: [StoreModule], providers: [LedgerReader], exports: [LedgerReader] })
export class LedgerReaderModule {}
