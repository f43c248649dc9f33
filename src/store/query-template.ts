import type { CompiledQuery } from 'kysely';

/** Stands in a query for a value that is filled in when it runs. */
class Blank {
  constructor(readonly name: PropertyKey) {}
}

/** A query whose text comes again and again. */
interface RecurringQuery<Row> extends CompiledQuery<Row> {
  readonly hasOneRow: boolean;
}

export function isRecurring(query: CompiledQuery<unknown>): boolean {
  return 'hasOneRow' in query;
}

/** Says of a query without a template that its text comes again and again. */
export function recurring<Row>(query: CompiledQuery<Row>): CompiledQuery<Row> {
  const recurringQuery: RecurringQuery<Row> = { ...query, hasOneRow: false };
  return recurringQuery;
}

/** Whether the query returns a row at the most, and says so: reading a list of rows takes longer. */
export function hasOneRow(query: CompiledQuery<unknown>): boolean {
  return (query as Partial<RecurringQuery<unknown>>).hasOneRow === true;
}

/** What a template is built by: it is given a function that puts a blank where the value of that name goes. */
type Build<Values, Row> = (blank: <Name extends keyof Values>(name: Name) => Values[Name]) => { compile(): CompiledQuery<Row> };

/** The template of a query that returns a row at the most: by a unique key, or with `limit 1`. */
export function oneRowTemplate<Values extends object, Row>(build: Build<Values, Row>): (values: Values) => CompiledQuery<Row> {
  return templateOf(build, true);
}

/**
 * A query that is built and compiled once, and run with other values each time: building and compiling takes Kysely longer than SQLite
 * takes to run it.
 */
export function queryTemplate<Values extends object, Row>(build: Build<Values, Row>): (values: Values) => CompiledQuery<Row> {
  return templateOf(build, false);
}

function templateOf<Values extends object, Row>(build: Build<Values, Row>, hasOneRow: boolean): (values: Values) => RecurringQuery<Row> {
  const compiled = build(<Name extends keyof Values>(name: Name) => new Blank(name) as Values[Name]).compile();
  const { query, queryId } = compiled;
  const { sql, given } = numbered(compiled);
  const filled = (parameter: unknown, values: Values) => (parameter instanceof Blank ? values[parameter.name as keyof Values] : parameter);
  // Field by field: what Kysely compiles is frozen, and copying such an object whole takes V8 longer.
  return (values) => ({ query, queryId, sql, parameters: given.map((parameter) => filled(parameter, values)), hasOneRow });
}

/**
 * The statement with each value given once, however often it uses it: both databases number their parameters, and handing one over takes as long as
 * what is done with it.
 */
function numbered({ sql, parameters }: CompiledQuery): { sql: string; given: unknown[] } {
  const given: unknown[] = [];
  let used = 0;
  const text = sql.replaceAll(/\?|\$\d+/g, ([sign]) => {
    const parameter = parameters[used++];
    const known = given.findIndex((other) => other instanceof Blank && parameter instanceof Blank && other.name === parameter.name);
    return `${sign}${known < 0 ? given.push(parameter) : known + 1}`;
  });
  if (used !== parameters.length) throw new Error(`a statement has ${parameters.length} parameters, and ${used} places for them: ${sql}`);
  return { sql: text, given };
}
