import { type ChildProcess, spawn } from 'node:child_process';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../configuration/configuration.js';

/** Node can open no datagram sockets of the file system, so one shell hands every line to systemd's own program, without a start of Node. */
const MESSENGER = 'while IFS= read -r notice; do systemd-notify "$notice" || exit; done';
/** A messenger that is stuck gets no more than this. */
const MAX_UNREAD_BYTES = 16 * 1024;
const LAST_WORDS_MS = 2000;

/**
 * The service manager, told about this process in the words of sd_notify(3): `READY=1`, `STATUS=…`, `WATCHDOG=1`, `STOPPING=1`. Where no
 * manager listens nothing happens. Its messenger ends with this process, since it reads from it.
 */
@Injectable()
export class ServiceManager implements OnApplicationShutdown {
  private readonly logger = new Logger(ServiceManager.name);
  private readonly notifySocket: string | undefined;
  private messenger: ChildProcess | undefined;

  constructor({ supervision }: Configuration) {
    this.notifySocket = supervision.notifySocket;
  }

  /** Hands a notice over, without waiting for it: a line that is lost is followed by the next. */
  tell(notice: string): void {
    if (this.notifySocket === undefined) return;
    this.messenger ??= this.start(this.notifySocket);
    const { stdin } = this.messenger;
    if (stdin && stdin.writableLength < MAX_UNREAD_BYTES) stdin.write(`${oneLine(notice)}\n`);
  }

  /** Lets the messenger deliver what it has, within a bound. */
  async onApplicationShutdown(): Promise<void> {
    const { messenger } = this;
    if (!messenger || messenger.exitCode !== null) return;
    const gone = new Promise((resolve) => messenger.once('exit', resolve));
    const bound = setTimeout(() => messenger.kill('SIGKILL'), LAST_WORDS_MS);
    messenger.stdin?.end();
    await gone.finally(() => clearTimeout(bound));
  }

  private start(notifySocket: string): ChildProcess {
    const child = spawn('/bin/sh', ['-c', MESSENGER], {
      env: { NOTIFY_SOCKET: notifySocket, PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.on('error', () => undefined); // its end is told by `exit`
    child.stderr.on('data', (words: Buffer) => this.logger.warn(`systemd-notify: ${words.toString().trim()}`));
    child.once('error', (error) => this.logger.error(`systemd cannot be told how the proxy is: ${error.message}`));
    child.once('exit', () => (this.messenger = undefined)); // the next notice starts another one
    return child;
  }
}

function oneLine(notice: string): string {
  return notice.replace(/[\r\n\0]+/g, ' ');
}
