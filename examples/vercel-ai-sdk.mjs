// A tool call with the Vercel AI SDK: npm i ai @ai-sdk/openai-compatible && node vercel-ai-sdk.mjs [http://127.0.0.1:8787/v1]
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, stepCountIs, streamText, tool } from 'ai';

// The proxy pays, so there is no key.
const blockrun = createOpenAICompatible({ name: 'blockrun', baseURL: process.argv[2] ?? 'http://127.0.0.1:8787/v1', includeUsage: true });

const result = streamText({
  model: blockrun('google/gemini-3-flash-preview'),
  maxOutputTokens: 200,
  maxRetries: 0, // a repeat is a purchase
  prompt: 'What time is it in Zurich? Use the tool.',
  tools: {
    time: tool({
      description: 'Tells the time of a place.',
      inputSchema: jsonSchema({ type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }),
      execute: ({ place }) => `${new Date().toISOString()} in ${place}`,
    }),
  },
  stopWhen: stepCountIs(3), // each step is a purchase, too
});

for await (const text of result.textStream) process.stdout.write(text);
for (const { response } of await result.steps) console.log(`\ncost ${response.headers['x-blockrun-proxy-booked-cost-usd']} USD`);
