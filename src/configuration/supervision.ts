import { ConfigurationError } from './configuration-error.js';
import type { Environment } from './environment.js';

/** systemd passes the sockets that it opened from this descriptor on (sd_listen_fds(3)). */
const FIRST_PASSED_DESCRIPTOR = 3;

/** What the service manager that started this process wants of it (sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)). */
export interface Supervision {
  /** Where it listens for how the process is; undefined: nobody does. */
  notifySocket: string | undefined;
  /** It ends a process that it has not heard of for so long; undefined: never. */
  watchdogMs: number | undefined;
  /** The listening socket that it opened for this process, in place of HOST and PORT; undefined: none. */
  listenDescriptor: number | undefined;
}

/** @throws ConfigurationError when it passes more sockets than one */
export function supervisionOf(text: Environment, pid: number): Supervision {
  const { NOTIFY_SOCKET: notifySocket, WATCHDOG_USEC: watchdogUsec, WATCHDOG_PID: watchdogPid, LISTEN_PID, LISTEN_FDS } = text;
  // Variables of another process, inherited by mistake, name that one's number.
  const isWatched = watchdogUsec !== undefined && (watchdogPid === undefined || watchdogPid === String(pid));
  const sockets = LISTEN_PID === String(pid) ? Number(LISTEN_FDS ?? 0) : 0;
  if (sockets > 1) throw new ConfigurationError(['LISTEN_FDS must be 1: name one ListenStream= in the socket unit']);
  return {
    notifySocket,
    watchdogMs: isWatched ? Number(watchdogUsec) / 1000 : undefined,
    listenDescriptor: sockets === 1 ? FIRST_PASSED_DESCRIPTOR : undefined,
  };
}
