import { Module } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { SqlStore } from './sql-store.js';

@Module({
  providers: [{ provide: SqlStore, inject: [Configuration], useFactory: (configuration: Configuration) => SqlStore.open(configuration) }],
  exports: [SqlStore],
})
export class StoreModule {}
