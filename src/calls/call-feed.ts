import { Injectable, Logger } from '@nestjs/common';
import { Subject, type Subscription } from 'rxjs';
import type { FinishedCall } from './finished-call.js';

/**
 * Where requests that are over are told, to whoever follows: the log, the metrics, the dashboard. It is on the way of every request, so
 * its followers hear of it only after the current turn of the event loop, and a follower that fails reaches nobody.
 */
@Injectable()
export class CallFeed {
  private readonly logger = new Logger(CallFeed.name);
  private readonly calls = new Subject<FinishedCall>();

  tell(call: FinishedCall): void {
    setImmediate(() => this.calls.next(call));
  }

  follow(use: (call: FinishedCall) => void): Subscription {
    return this.calls.subscribe((call) => {
      try {
        use(call);
      } catch (error) {
        this.logger.error(`${call.id} could not be told: ${error instanceof Error ? error.stack : String(error)}`);
      }
    });
  }
}
