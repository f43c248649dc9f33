import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from '../configuration/client.js';

/** Where a client may name its session: what a provider's configuration sets, and what OpenClaw sends. */
const SESSION_HEADERS = ['x-blockrun-client', 'x-session-affinity', 'session_id'];
const MAX_SESSION_LENGTH = 256;

/**
 * The clients that the operator has named. A token says for certain who it is; a session header can be set by whoever gets this far, so it
 * tells whose budget is meant, and keeps nobody out.
 */
export class KnownClients {
  readonly haveTokens: boolean;
  private readonly default: Client | undefined;

  constructor(private readonly clients: readonly Client[]) {
    this.haveTokens = clients.some(({ tokenDigest }) => tokenDigest !== undefined);
    this.default = clients.find(({ isDefault }) => isDefault);
  }

  /** The client whose token has this digest. Every one is compared, in constant time. */
  ofToken(digest: Buffer): Client | undefined {
    return this.clients.filter(({ tokenDigest }) => tokenDigest && timingSafeEqual(tokenDigest, digest)).at(0);
  }

  /** The first client of the file that one of the session headers names, else the default one, if there is one. */
  ofSession(headers: IncomingHttpHeaders): Client | undefined {
    if (this.clients.length === 0) return undefined;
    const sessions = SESSION_HEADERS.flatMap((name) => headers[name] ?? []).filter(({ length }) => length <= MAX_SESSION_LENGTH);
    return (
      this.clients.find((client) => client.sessions.some((pattern) => sessions.some((session) => fits(session, pattern)))) ?? this.default
    );
  }
}

function fits(session: string, pattern: string): boolean {
  return pattern.endsWith('*') ? session.startsWith(pattern.slice(0, -1)) : session === pattern;
}
