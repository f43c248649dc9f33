import Database from 'libsql';
import pg from 'pg';

const ROWS_AT_ONCE = 10_000;

/** Has a server's ledger, whose tables are there and empty, know the same records and days as the one in the file. */
export async function copyLedger(file: string, url: string): Promise<void> {
  const database = new Database(file, { readonly: true });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const rowsAfter = database.prepare(`select * from entry where seq > ? order by seq limit ${ROWS_AT_ONCE}`);
    for (let rows = rowsAfter.all(0) as { seq: number }[]; rows.length > 0; rows = rowsAfter.all(rows.at(-1)?.seq) as { seq: number }[])
      await client.query(INSERT_ENTRIES, [JSON.stringify(rows)]);
    await client.query(`select setval(pg_get_serial_sequence('entry', 'seq'), (select max(seq) from entry))`);
    const days = database.prepare('select * from day').all();
    await client.query('insert into day select * from json_populate_recordset(null::day, $1) on conflict do nothing', [
      JSON.stringify(days),
    ]);
    await client.query('analyze');
  } finally {
    await client.end();
    database.close();
  }
}

/** Both have the same columns by the same names. */
const INSERT_ENTRIES = 'insert into entry overriding system value select * from json_populate_recordset(null::entry, $1)';
