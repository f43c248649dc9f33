import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { formatUsd } from '../money/micro-usd.js';
import { CallFeed } from './call-feed.js';
import type { FinishedCall } from './finished-call.js';

/** One line for every request, when it is over. */
@Injectable()
export class CallLog implements OnModuleInit {
  private readonly logger = new Logger('Call');

  constructor(private readonly feed: CallFeed) {}

  onModuleInit(): void {
    this.feed.follow((call) => this.write(call));
  }

  private write(call: FinishedCall): void {
    const says = `call ${call.state}`;
    switch (levelOf(call)) {
      case 'error':
        return this.logger.error(factsOf(call), says);
      case 'warn':
        return this.logger.warn(factsOf(call), says);
      case 'log':
        return this.logger.log(factsOf(call), says);
    }
  }
}

/** What somebody should look at stands out: money whose fate is not known, and faults of the proxy's own. */
function levelOf({ state, code }: FinishedCall): 'error' | 'warn' | 'log' {
  if (state === 'unbooked' || code === 'internal_error') return 'error';
  return state === 'unresolved' ? 'warn' : 'log';
}

function factsOf({ id, model, client, streamed, state, code, priceMicroUsd, transaction, totalMs, times }: FinishedCall) {
  const { quoteMs, signingMs, recordMs, firstTokenMs } = times;
  return {
    requestId: id,
    model,
    client,
    state,
    code,
    priceUsd: formatUsd(priceMicroUsd),
    transaction,
    streamed,
    totalMs: rounded(totalMs),
    firstTokenMs: rounded(firstTokenMs),
    quoteMs: rounded(quoteMs),
    signingMs: rounded(signingMs),
    recordMs: rounded(recordMs),
  };
}

/** To a tenth: what a signature takes would vanish in whole milliseconds. */
function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
