// One streamed completion with the official SDK: npm i openai && node openai-node.mjs [http://127.0.0.1:8787/v1]
import OpenAI from 'openai';

// The proxy pays, so there is no key: the SDK only wants one to be set. A repeat is a purchase, so the SDK is told to make none.
const client = new OpenAI({ baseURL: process.argv[2] ?? 'http://127.0.0.1:8787/v1', apiKey: 'unused', maxRetries: 0 });

const { data: stream, response } = await client.chat.completions
  .create({
    model: 'google/gemini-3-flash-preview',
    stream: true,
    max_tokens: 200,
    messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
  })
  .withResponse();

for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
console.log(`\ncost ${response.headers.get('x-blockrun-proxy-booked-cost-usd')} USD`);
