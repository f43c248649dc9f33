import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** What only its owner may read: nobody else may even look. */
const OTHERS = 0o077;
/** systemd's credentials belong to root, and their group bits stand for the one user that an access list lets read. */
const CREDENTIAL_OTHERS = 0o027;
const MAX_BYTES = 64 * 1024;

/**
 * The text of a small file that nobody else can read, which is a file itself and no link to one. The checks are made on the open file, so
 * that it cannot be exchanged between a look and the reading. @throws Error whose message says why not, and what to do
 */
export function readPrivateFile(path: string, { isCredential } = { isCredential: false }): string {
  // Not blocking: a pipe in its place would else be waited for.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    const mode = (stats.mode & 0o777).toString(8);
    if (!stats.isFile()) throw new Error('it is no file');
    if ((stats.mode & (isCredential ? CREDENTIAL_OTHERS : OTHERS)) !== 0)
      throw new Error(`others on this machine can read it (mode ${mode}): chmod 600 it`);
    if (stats.uid !== process.getuid?.() && !(isCredential && stats.uid === 0)) throw new Error('it belongs to another user');
    if (stats.size > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file could not be read, in words. */
export function fileFaultOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'ELOOP' ? 'it is a symbolic link' : (code ?? message);
}
