import { lstatSync } from 'node:fs';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';
import { CodedError } from '../errors/coded-error.js';
import { SpendingControl } from '../ledger/spending-control.js';

/** How often the file is looked for where no request does. */
const LOOK_EVERY_MS = 5000;

/**
 * The file that stops paying on this machine for as long as it is there. Whoever is about to set money aside, or to let a signature go,
 * looks for it at that moment; the audit tells once when it comes and once when it goes, however many processes see it.
 */
@Injectable()
export class PauseFile implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PauseFile.name);
  private readonly path: string;
  private timer: NodeJS.Timeout | undefined;
  private told: boolean | undefined;
  private telling: Promise<void> | undefined;

  constructor(
    { pauseFile }: Configuration,
    private readonly control: SpendingControl,
  ) {
    this.path = pauseFile;
  }

  onApplicationBootstrap(): void {
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.telling;
  }

  /** @throws CodedError spending_stopped while it is there */
  refuseWhenThere(): void {
    if (!this.look()) return;
    throw new CodedError(
      'spending_stopped',
      `Spending is paused (the file ${this.path} is there), so every request exceeds your current quota until the operator removes it.`,
    );
  }

  private look(): boolean {
    const isThere = isPauseFile(this.path);
    if (isThere !== this.told) this.tell();
    return isThere;
  }

  /** One at a time; what could not be told, or has changed meanwhile, is told by the next look. */
  private tell(): void {
    this.telling ??= this.control
      .followPauseFile(this.path, () => isPauseFile(this.path))
      .then(
        (isThere) => void (this.told = isThere),
        (error: unknown) => this.logger.error(`The audit does not tell of ${this.path} yet: ${String(error)}`),
      )
      .finally(() => (this.telling = undefined));
  }
}

/** Whether something is under the path, be it a link that leads nowhere. Where that cannot be seen it counts as there: nothing is paid. */
export function isPauseFile(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
