/** What a request asks of the answer's form, in OpenAI's own fields. */
export interface Wants {
  /** `n`. */
  readonly choices: number;
  /** `logprobs` with `top_logprobs`: how many alternatives are told for each token; undefined where none are asked for. */
  readonly alternatives: number | undefined;
  /** `reasoning_effort` other than `none`. */
  readonly reasons: boolean;
  /** The schema of `response_format`; undefined for text. */
  readonly schema: object | undefined;
  /** `tool_choice`: a mode, or the name of a function. */
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: unknown };
  /** `parallel_tool_calls`, where it is asked for and not only allowed. */
  readonly severalTools: boolean;
}

const MAX_CHOICES = 128;

export function readWants(body: Readonly<Record<string, unknown>>): Wants {
  const { n, top_logprobs: alternatives, reasoning_effort: effort, tool_choice: choice } = body;
  return {
    choices: typeof n === 'number' ? Math.min(n, MAX_CHOICES) : 1,
    alternatives: body['logprobs'] === true ? (typeof alternatives === 'number' ? alternatives : 0) : undefined,
    reasons: typeof effort === 'string' && effort !== 'none',
    schema: schemaOf(body['response_format']),
    toolChoice: choice === 'none' || choice === 'required' ? choice : (namedTool(choice) ?? 'auto'),
    severalTools: body['parallel_tool_calls'] === true,
  };
}

function schemaOf(format: unknown): object | undefined {
  const { type, json_schema: named } = (format ?? {}) as { type?: unknown; json_schema?: { schema?: object } | null };
  if (type === 'json_object') return { type: 'object' };
  return type === 'json_schema' ? (named?.schema ?? {}) : undefined;
}

function namedTool(choice: unknown): { name: unknown } | undefined {
  const { function: tool } = (choice ?? {}) as { function?: { name?: unknown } };
  return tool === undefined ? undefined : { name: tool.name };
}

/** A value of the right type for a schema, so that a client which checks it takes it. */
export function sampleOf(schema: unknown): unknown {
  const { type, properties, required, enum: values, items } = (schema ?? {}) as Record<string, unknown>;
  if (Array.isArray(values)) return values[0];
  if (type === 'object' || properties !== undefined) {
    const schemas = (properties ?? {}) as Record<string, unknown>;
    const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
    return Object.fromEntries(names.map((name) => [name, sampleOf(schemas[name])]));
  }
  if (type === 'array') return items === undefined ? [] : [sampleOf(items)];
  switch (type) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'sandbox';
  }
}
