import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { type KeptModelList, ModelListFile } from './model-list-file.js';
import { type ListedModel, readModelList } from './model-list.js';
import { SellerModels } from './seller-models.js';
import { reasonOf } from '../errors/reason-of.js';

/** The seller allows a hundred an hour; so does an impatient supervisor that starts the proxy anew every few seconds. */
const ASK_EVERY_MS = 60 * 60_000;
const ASK_AGAIN_MS = 5 * 60_000;
const MIN_WAIT_MS = 60_000;
/** A seller, or a clock that was wrong, can hold the list back no longer. */
const MAX_WAIT_MS = 2 * ASK_EVERY_MS;

/** The seller's list as it is known: got when it is time to, kept on disk, and the last one while no other can be got. */
@Injectable()
export class ModelListSource {
  private readonly logger = new Logger(ModelListSource.name);
  private kept: KeptModelList = { fetchedAt: undefined, nextAskAt: new Date(0), models: [] };
  private isFailing = false;

  constructor(
    @Inject(SellerModels) private readonly seller: SellerModels,
    private readonly file: ModelListFile,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** When the list that is known was got; undefined while none is known. */
  get fetchedAt(): Date | undefined {
    return this.kept.fetchedAt;
  }

  /** The list on disk, where that is newer than the known one: another process on these files may have got it. */
  restore(): readonly ListedModel[] | undefined {
    const onDisk = this.file.read();
    if (!onDisk) return undefined;
    const isNewer = onDisk.fetchedAt !== undefined && onDisk.fetchedAt.getTime() > (this.kept.fetchedAt?.getTime() ?? 0);
    this.kept = isNewer ? onDisk : { ...this.kept, nextAskAt: onDisk.nextAskAt };
    return isNewer ? onDisk.models : undefined;
  }

  get isDue(): boolean {
    const waitMs = this.kept.nextAskAt.getTime() - this.clock.now().getTime();
    return waitMs <= 0 || waitMs > MAX_WAIT_MS;
  }

  /** Asks the seller for the list, which the caller then keeps. Undefined when none came: why is in the log, and when to ask again is kept. */
  async ask(signal: AbortSignal): Promise<readonly ListedModel[] | undefined> {
    const answer = await this.seller.list(signal);
    if (answer === undefined || signal.aborted) return undefined;
    switch (answer.kind) {
      case 'list':
        return this.read(answer.text);
      case 'limited':
        return this.fail('the seller was asked too often', answer.until);
      case 'failed':
        return this.fail(answer.reason);
      default:
        return answer satisfies never;
    }
  }

  /** Has the list known and on disk, where a start finds it. A disk that fails is no reason to do without it. */
  async keep(models: readonly ListedModel[]): Promise<void> {
    this.isFailing = false;
    await this.write({ models, fetchedAt: this.clock.now(), nextAskAt: this.after(ASK_EVERY_MS) });
  }

  private async read(text: string): Promise<readonly ListedModel[] | undefined> {
    try {
      return readModelList(text);
    } catch (error) {
      return this.fail(reasonOf(error));
    }
  }

  /** Told once, and not every few minutes. */
  private async fail(reason: string, until = this.after(ASK_AGAIN_MS)): Promise<undefined> {
    if (!this.isFailing) this.logger.warn(`The seller's list of models could not be got (${reason}). What is known of them stays.`);
    this.isFailing = true;
    const waitMs = Math.min(Math.max(until.getTime() - this.clock.now().getTime(), MIN_WAIT_MS), MAX_WAIT_MS);
    await this.write({ ...this.kept, nextAskAt: this.after(waitMs) });
    return undefined;
  }

  private async write(kept: KeptModelList): Promise<void> {
    this.kept = kept;
    await this.file.write(kept).catch((error: unknown) => this.logger.warn(`The list of models could not be kept: ${String(error)}`));
  }

  private after(ms: number): Date {
    return new Date(this.clock.now().getTime() + ms);
  }
}
