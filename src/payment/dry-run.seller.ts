import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Seller, SellerAnswer, SellerRequest } from './seller.js';

const ANSWER = 'This is a dry run of the BlockRun proxy: nothing was asked of the seller and nothing was paid.';

/** Answers by itself, without any call and for nothing: to try clients, configuration and audit. */
@Injectable()
export class DryRunSeller implements Seller {
  ask({ body, streamed }: SellerRequest): Promise<SellerAnswer> {
    const { model } = JSON.parse(body.toString()) as { model: string };
    const facts = { id: 'chatcmpl-dry-run', created: Math.floor(Date.now() / 1000), model };
    return Promise.resolve(
      streamed
        ? { kind: 'stream', events: Readable.from(eventsFor(facts)), proof: {} }
        : { kind: 'completion', json: JSON.stringify(completionFor(facts)), value: completionFor(facts), proof: {} },
    );
  }

  pay(): Promise<SellerAnswer> {
    return Promise.reject(new Error('a dry run never pays'));
  }
}

interface Facts {
  id: string;
  created: number;
  model: string;
}

const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

function completionFor(facts: Facts): object {
  const message = { role: 'assistant', content: ANSWER, refusal: null };
  return { ...facts, object: 'chat.completion', choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }], usage };
}

function* eventsFor(facts: Facts): Generator<string> {
  const chunk = (choices: object[], more: object = {}) => JSON.stringify({ ...facts, object: 'chat.completion.chunk', choices, ...more });
  const delta = (content: object, finishReason: string | null = null) => chunk([{ index: 0, delta: content, finish_reason: finishReason }]);
  yield delta({ role: 'assistant', content: '' });
  for (const word of ANSWER.split(/(?<= )/)) yield delta({ content: word });
  yield delta({}, 'stop');
  yield chunk([], { usage });
}
