export interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Posts a body as it is, or as JSON, for what kit would never send and for errors as they are on the wire. */
export async function post(rpcUrl: string, body: unknown): Promise<RpcAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
  return (await answer.json()) as RpcAnswer;
}

export function ask(rpcUrl: string, method: string, ...params: unknown[]): Promise<RpcAnswer> {
  return post(rpcUrl, { jsonrpc: '2.0', id: 1, method, params });
}
