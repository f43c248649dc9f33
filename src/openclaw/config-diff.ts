import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** Keys whose values nobody should see on a screen; the lines around a change may hold some. */
const SECRET = /((?:key|token|secret|password)["']?\s*:\s*)(["']).*?\2/gi;

/** The change as a unified diff, for people: what looks like a secret is left out. Empty when nothing changes. */
export function configDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const [oldName, newName] = [before === undefined ? '/dev/null' : path, after === undefined ? '/dev/null' : path];
  const options = { context: 2, headerOptions: FILE_HEADERS_ONLY };
  const patch = createTwoFilesPatch(oldName, newName, before ?? '', after ?? '', undefined, undefined, options);
  return patch.replace(SECRET, '$1$2…$2').trimEnd();
}
