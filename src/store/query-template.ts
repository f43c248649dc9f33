import type { CompiledQuery } from 'kysely';

/** Stands in a query for a value that is filled in when it runs. */
class Blank {
  constructor(readonly name: PropertyKey) {}
}

/**
 * A query that is built and compiled once, and run with other values each time: building and compiling takes Kysely longer than SQLite
 * takes to run it. `build` is given a function that puts a blank where the value of that name goes.
 */
export function queryTemplate<Values extends object, Row>(
  build: (blank: <Name extends keyof Values>(name: Name) => Values[Name]) => { compile(): CompiledQuery<Row> },
): (values: Values) => CompiledQuery<Row> {
  const compiled = build(<Name extends keyof Values>(name: Name) => new Blank(name) as Values[Name]).compile();
  const filled = (parameter: unknown, values: Values) => (parameter instanceof Blank ? values[parameter.name as keyof Values] : parameter);
  return (values) => ({ ...compiled, parameters: compiled.parameters.map((parameter) => filled(parameter, values)) });
}
