import Database from 'libsql';

const DAY_MS = 86_400_000;
/** Of each paid call: held, signed, settled. */
const RECORDS_PER_CALL = 3;

interface Filling {
  records: number;
  orphans: number;
  /** On so many days up to yesterday, as many on each. */
  days: number;
}

/**
 * Fills a ledger that a proxy has made with the records of paid calls in the order in which they were made, and with holds that a process
 * which is gone has left behind. Written by SQLite itself, so that a million take seconds.
 */
export function fillLedger(file: string, { records, orphans, days }: Filling): void {
  const database = new Database(file);
  const calls = Math.ceil(records / RECORDS_PER_CALL);
  const now = Date.now();
  try {
    database.exec(`begin immediate;
      create temp table call as with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${calls + orphans})
        select n, printf('req_%012x%020x', ${now} - (${calls} - n) * 1000, n) as id,
          date(${Math.floor((now - DAY_MS) / 1000)} - max(${calls} - n, 0) * ${days} / ${calls} * 86400, 'unixepoch') as day,
          '0x' || hex(randomblob(32)) as nonce, n > ${calls} as is_orphan from numbers;
      insert into entry (hold_id, step, at, model, valid_before, state, day, amount, network, asset, payer, payee, nonce)
        select hold_id, step, at, model, valid_before, state, day, amount, network, asset, payer, payee, nonce from (
          ${entriesOf("'held' as state, day, 50000 as amount, null as network, null as asset, null as payer, null as payee, null as nonce", 0, 'true')}
          union all ${entriesOf(`'signed', day, 2000, ${SIGNED}`, 1, 'is_orphan = 0 or n % 2 = 0')}
          union all ${entriesOf(`'settled', day, 2000, ${SIGNED}`, 2, 'is_orphan = 0')}
        ) order by n, step;
      insert into open_hold (hold_id, state, owner)
        select id, case when n % 2 = 0 then 'signed' else 'held' end, 'gone' from call where is_orphan;
      insert into day (day, spent, held, signed, calls)
        select day, sum(2000 * (is_orphan = 0)), sum(50000 * (is_orphan and n % 2 = 1)), sum(2000 * (is_orphan and n % 2 = 0)), sum(is_orphan = 0)
        from call where true group by day on conflict (day) do nothing;
      drop table call;
      commit;`);
  } finally {
    database.close();
  }
}

const SIGNED = `'eip155:8453', '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0xb10C000000000000000000000000000000000402', nonce`;

function entriesOf(facts: string, step: number, where: string): string {
  return `select n, id as hold_id, ${step} as step, ${Date.now()} as at, 'openai/gpt-5.4-mini' as model,
    ${Math.floor(Date.now() / 1000) + 300} as valid_before, ${facts} from call where ${where}`;
}
