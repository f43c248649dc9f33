import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

const SCHEMAS = JSON.parse(readFileSync(new URL('../openai/schemas.json', import.meta.url), 'utf8')) as object;
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).addSchema(SCHEMAS);

export type OpenAiShape = 'completion' | 'chunk' | 'error' | 'model' | 'models';

/** What is wrong with a value by OpenAI's schema of that name; empty when it is right. */
export function faultsOf(shape: OpenAiShape, value: unknown): string[] {
  const validate = ajv.getSchema(`openai#/definitions/${shape}`);
  if (!validate) throw new Error(`there is no schema ${shape}`);
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${shape}${instancePath} ${message}`);
}

/** What is wrong with the body of an answer of the proxy: JSON, or each event of a stream, which has to end with `[DONE]`. */
export function faultsOfAnswer(path: string, { status, headers }: Pick<Response, 'status' | 'headers'>, text: string): string[] {
  if (headers.get('content-type')?.startsWith('text/event-stream')) return faultsOfStream(text);
  const whole = path.includes('/models/') ? 'model' : path.endsWith('/models') ? 'models' : 'completion';
  return faultsOf(status < 400 ? whole : 'error', JSON.parse(text));
}

function faultsOfStream(text: string): string[] {
  const events = text.split('\n\n').filter((event) => event !== '' && !event.startsWith(':'));
  const strange = events.filter((event) => !/^data: [^\n]+$/.test(event));
  const data = events.filter((event) => event.startsWith('data: ')).map((event) => event.slice('data: '.length));
  const values = data.slice(0, -1).map((json) => JSON.parse(json) as object);
  return [
    ...strange.map((event) => `not an event: ${event}`),
    ...(data.at(-1) === '[DONE]' ? [] : ['no [DONE] at the end']),
    ...values.flatMap((value) => faultsOf('error' in value ? 'error' : 'chunk', value)),
  ];
}

/** A `fetch` for a client that has everything which comes back looked at. */
export class OpenAiWatch {
  /** How many answers were looked at. */
  seen = 0;
  private readonly looks: Promise<string[]>[] = [];

  readonly fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    this.looks.push(
      response
        .clone()
        .text()
        .then(
          (text) => faultsOfAnswer(pathname, response, text),
          () => [], // the client left
        ),
    );
    this.seen += 1;
    return response;
  };

  /** What was wrong with all of them, once they are over. */
  async faults(): Promise<string[]> {
    return (await Promise.all(this.looks.splice(0))).flat();
  }
}
