import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate of a server, its key, and the authority that vouches for it; files. */
export interface Certificate {
  certificate: string;
  key: string;
  authority: string;
}

/** Makes an authority, and a certificate of it for one host name, in the directory. Needs `openssl` on the PATH. */
export function makeCertificate(directory: string, name: string, host: string): Certificate {
  const file = (ending: string) => join(directory, `${name}.${ending}`);
  const newKey = (path: string) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path];
  openssl('req', '-x509', ...newKey(file('ca.key')), '-out', file('ca.pem'), '-days', '2', '-subj', `/CN=authority of ${name}`);
  openssl('req', ...newKey(file('key')), '-out', file('csr'), '-subj', `/CN=${host}`);
  writeFileSync(file('ext'), `subjectAltName=DNS:${host}\n`);
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('ext'), '-days', '2'];
  openssl('x509', '-req', '-in', file('csr'), ...signed, '-out', file('crt'));
  chmodSync(file('key'), 0o600);
  return { certificate: file('crt'), key: file('key'), authority: file('ca.pem') };
}

function openssl(...args: string[]): void {
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0] ?? ''} failed: ${stderr} ${String(error ?? '')}`);
}
