import { sql } from 'kysely';
import { queryTemplate } from '../store/query-template.js';
import type { SqlStore } from '../store/sql-store.js';

/** The statements of every line, built and compiled once. */
export function auditQueries(db: SqlStore['reader']) {
  return {
    moveHead: queryTemplate<{ machine: string; hash: string; bytes: bigint; part: bigint; after: string }, unknown>((blank) =>
      db
        .updateTable('audit_head')
        .set({ hash: blank('hash'), bytes: blank('bytes'), part: blank('part') })
        .where('machine', '=', blank('machine'))
        .where('hash', '=', blank('after')),
    ),
    keepLine: queryTemplate<{ machine: string; hash: string; line: string }, unknown>((blank) =>
      db
        .insertInto('audit_tail')
        .columns(['machine', 'line'])
        .expression(
          db
            .selectFrom('audit_head')
            .select(['machine', sql<string>`${blank('line')}`.as('line')])
            .where('machine', '=', blank('machine'))
            .where('hash', '=', blank('hash')),
        ),
    ),
  };
}
