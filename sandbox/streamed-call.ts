export interface StreamedCall {
  /** What the proxy says that the call cost, as it says it. */
  readonly bookedCostUsd: string;
  readonly firstTokenMs: number;
  readonly durationMs: number;
  readonly usage: string;
}

/** Makes one streamed call as any OpenAI client would, and shows each piece of text as it arrives. */
export async function streamedCall(proxyUrl: string, model: string, show: (text: string) => void): Promise<StreamedCall> {
  const startedAt = performance.now();
  const answer = await fetch(`${proxyUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 8000,
      messages: [{ role: 'user', content: 'Who paid for this answer?' }],
      x_sandbox: { tokens: 24, tokenDelayMs: 40 },
    }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!answer.ok || answer.body === null) throw new Error(`The proxy answered ${answer.status}: ${await answer.text()}`);

  let firstTokenMs = NaN;
  let usage = 'none';
  for await (const event of eventsOf(answer.body)) {
    const text = event.choices?.[0]?.delta?.content ?? '';
    if (text !== '' && Number.isNaN(firstTokenMs)) firstTokenMs = performance.now() - startedAt;
    show(text);
    if (event.usage) usage = `${event.usage.prompt_tokens} in, ${event.usage.completion_tokens} out`;
  }
  const bookedCostUsd = answer.headers.get('x-blockrun-proxy-booked-cost-usd') ?? 'not stated';
  return { bookedCostUsd, firstTokenMs, durationMs: performance.now() - startedAt, usage };
}

interface ChunkEvent {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ChunkEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length)) as ChunkEvent;
    }
  }
}
