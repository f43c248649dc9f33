// One streamed completion with LangChain.js: npm i @langchain/openai @langchain/core && node langchain.mjs [http://127.0.0.1:8787/v1]
import { ChatOpenAI } from '@langchain/openai';

// The proxy pays, so there is no key: LangChain only wants one to be set. A repeat is a purchase, so it is told to make none.
const model = new ChatOpenAI({
  model: 'google/gemini-3-flash-preview',
  apiKey: 'unused',
  configuration: { baseURL: process.argv[2] ?? 'http://127.0.0.1:8787/v1' },
  maxTokens: 200,
  maxRetries: 0,
});

let usage;
for await (const chunk of await model.stream('Say hello in one sentence.')) {
  process.stdout.write(chunk.text);
  usage = chunk.usage_metadata ?? usage;
}
console.log(`\ntokens ${usage?.total_tokens}`);
