import { Body, Controller, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { SseBody } from '../chat/sse-body.js';
import { CodedError } from '../errors/coded-error.js';
import { OperatorGuard } from '../http/operator.guard.js';
import { operatorReason, REASON_RULE } from '../ledger/operator-reason.js';
import { SpendingControl } from '../ledger/spending-control.js';
import { BudgetView } from './budget-view.js';
import { DashboardService } from './dashboard.service.js';
import { SameOriginGuard } from './same-origin.guard.js';

const KEEP_ALIVE_MS = 15_000;
/** A dashboard that has taken nothing for so many characters is cut off; it comes again, and gets everything anew. */
const MAX_BACKLOG = 1024 * 1024;

/** What the page asks for: `GET /dashboard/events`, `POST /dashboard/pause` and `/dashboard/resume`. */
@Controller('dashboard')
@UseGuards(OperatorGuard)
export class DashboardController {
  constructor(
    private readonly dashboard: DashboardService,
    private readonly control: SpendingControl,
    private readonly view: BudgetView,
  ) {}

  @Get('events')
  events(@Res() response: Response): void {
    const body = new SseBody(this.dashboard.events(), KEEP_ALIVE_MS);
    body.on('data', () => void (response.writableLength > MAX_BACKLOG && response.destroy()));
    response.once('close', () => body.destroy());
    response.set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    body.pipe(response);
  }

  /** Stops spending, in every process that shares the ledger. The audit has a line with the reason. */
  @Post('pause')
  @HttpCode(200)
  @UseGuards(SameOriginGuard)
  async pause(@Body() body: unknown): Promise<{ paused: true }> {
    await this.control.stop(reasonIn(body));
    this.view.forgetHealth();
    return { paused: true };
  }

  /** Ends every stop, those of overruns too: the page shows them first. The audit has a line with the reason. */
  @Post('resume')
  @HttpCode(200)
  @UseGuards(SameOriginGuard)
  async resume(@Body() body: unknown): Promise<{ paused: false; ended: string[] }> {
    const ended = await this.control.resume(reasonIn(body));
    this.view.forgetHealth();
    return { paused: false, ended };
  }
}

function reasonIn(body: unknown): string {
  const { reason } = (body ?? {}) as { reason?: unknown };
  const words = typeof reason === 'string' ? operatorReason(reason) : undefined;
  if (words !== undefined) return `${words} (dashboard)`;
  throw new CodedError('invalid_request', `${REASON_RULE} Send {"reason":"…"}.`, { param: 'reason' });
}
