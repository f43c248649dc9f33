import { Pool, type Dispatcher } from 'undici';

export interface CallTimes {
  readonly totalMs: number;
  /** NaN for an answer without streamed text. */
  readonly firstTokenMs: number;
}

export interface Answered extends CallTimes {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** The first text of a stream: an empty `content` is only the announcement of one. */
const TEXT_IN_STREAM = /"delta":\{"content":"[^"]/;

/** Makes timed calls over kept connections. undici's dispatch is used directly, since the caller's work comes out of the same two cores. */
export class Caller {
  private readonly pool: Pool;

  constructor(
    origin: string,
    private readonly path: string,
    connections: number,
  ) {
    this.pool = new Pool(origin, { connections, pipelining: 1 });
  }

  /** Resolves when the last byte is here, whatever the status; rejects when the connection fails. */
  post(body: string, more: Headers = {}): Promise<Answered> {
    const headers = { 'content-type': 'application/json', ...more };
    return new Promise((resolve, reject) => {
      const reading = new Reading(resolve, reject);
      this.pool.dispatch({ method: 'POST', path: this.path, headers, body }, reading);
    });
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

class Reading implements Dispatcher.DispatchHandler {
  private readonly startedAt = performance.now();
  private status = 0;
  private headers: Record<string, string | string[] | undefined> = {};
  private firstTokenMs = NaN;
  private isStream = false;
  private unread = '';

  constructor(
    private readonly resolve: (answered: Answered) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  /** Nothing to do, but undici takes a handler without it for one of its old interface. */
  onRequestStart() {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>) {
    this.status = status;
    this.headers = headers;
    this.isStream = String(headers['content-type']).startsWith('text/event-stream');
  }

  onResponseData(_controller: Dispatcher.DispatchController, part: Buffer) {
    if (!this.isStream || !Number.isNaN(this.firstTokenMs)) return;
    this.unread += part.toString('latin1');
    if (TEXT_IN_STREAM.test(this.unread)) this.firstTokenMs = performance.now() - this.startedAt;
  }

  onResponseEnd() {
    const { status, firstTokenMs, headers } = this;
    const header = (name: string) => [headers[name]].flat()[0];
    this.resolve({ status, firstTokenMs, totalMs: performance.now() - this.startedAt, header });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error) {
    this.reject(error);
  }
}
