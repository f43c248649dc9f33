import { type LoopbackServer, readBody, sendJson, serveOnLoopback } from '../../sandbox/loopback-server.js';

type Answer = (...params: never[]) => unknown;

export interface Asked {
  method: string;
  params: unknown[];
}

/** A JSON-RPC node that answers what a test has it answer, remembers what it was asked, and refuses what nobody expected. */
export class StubNode {
  readonly asked: Asked[] = [];
  private server!: LoopbackServer;

  private constructor(readonly answers: Record<string, Answer>) {}

  static async start(answers: Record<string, Answer>): Promise<StubNode> {
    const node = new StubNode(answers);
    node.server = await serveOnLoopback(async (request, response) => {
      const { id, method, params = [] } = JSON.parse((await readBody(request, 65_536)).toString()) as Asked & { id: number };
      node.asked.push({ method, params });
      const answer = node.answers[method];
      if (answer) sendJson(response, 200, { jsonrpc: '2.0', id, result: answer(...(params as never[])) });
      else sendJson(response, 200, { jsonrpc: '2.0', id, error: { code: -32000, message: `nobody expected ${method}` } });
    });
    return node;
  }

  /** As a provider gives it out, with a key in its path. */
  get url(): URL {
    return new URL(`${this.server.url}/v2/secret-key`);
  }

  paramsOf(method: string): unknown[][] {
    return this.asked.filter((asked) => asked.method === method).map(({ params }) => params);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
