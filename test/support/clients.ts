import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/** What a clients file says of a token. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Writes a file of these clients, as private as it has to be. Returns the setting that names it. */
export function clientsIn(path: string, clients: object[]): { BLOCKRUN_CLIENTS_FILE: string } {
  writeFileSync(path, JSON.stringify({ clients }), { mode: 0o600 });
  return { BLOCKRUN_CLIENTS_FILE: path };
}
