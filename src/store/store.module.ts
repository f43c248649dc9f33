import { Module } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { privacyFaults } from '../files/private-state.js';
import { SqlStore } from './sql-store.js';

@Module({
  providers: [{ provide: SqlStore, inject: [Configuration], useFactory: openStore }],
  exports: [SqlStore],
})
export class StoreModule {}

/** Whoever opens the books opens the store first, so here it is seen to that nobody else can look into them. */
function openStore(configuration: Configuration): Promise<SqlStore> {
  const { auditFile, summaryFile, ledgerFile, sharedLedger } = configuration;
  const ledgerFiles = sharedLedger ? [] : [ledgerFile, `${ledgerFile}-wal`, `${ledgerFile}-shm`];
  const problems = privacyFaults([auditFile, summaryFile, ...ledgerFiles]).map(({ says, next }) => `${says}: ${next}`);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return SqlStore.open(configuration);
}
