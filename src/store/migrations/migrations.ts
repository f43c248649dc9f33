import type { Migration } from 'kysely';
import { createLedger } from './001-create-ledger.js';
import { recoverAndGovern } from './002-recover-and-govern.js';
import { shareBetweenMachines } from './003-share-between-machines.js';
import { trustPayees } from './004-trust-payees.js';
import { limitClients } from './005-limit-clients.js';
import { payOnSolana } from './006-pay-on-solana.js';
import { writeFewerPages } from './007-write-fewer-pages.js';

/** Applied in the order of their names; a ledger with a migration that is not in this list is from the future and is refused. */
export const migrations: Record<string, Migration> = {
  '001-create-ledger': createLedger,
  '002-recover-and-govern': recoverAndGovern,
  '003-share-between-machines': shareBetweenMachines,
  '004-trust-payees': trustPayees,
  '005-limit-clients': limitClients,
  '006-pay-on-solana': payOnSolana,
  '007-write-fewer-pages': writeFewerPages,
};
