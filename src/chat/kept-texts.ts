/**
 * The texts of an answer, kept as bytes outside of the heap: as many small strings they would be copied by the garbage collector again and
 * again, each with the longer text that it was cut out of.
 */
export class KeptTexts {
  private readonly bytes: Buffer;
  /** Where each text ends. */
  private readonly ends: Uint32Array;

  constructor(texts: readonly string[]) {
    this.bytes = Buffer.from(texts.join(''));
    this.ends = new Uint32Array(texts.length);
    let end = 0;
    for (const [index, text] of texts.entries()) this.ends[index] = end += Buffer.byteLength(text);
  }

  *[Symbol.iterator](): Generator<string> {
    let start = 0;
    for (const end of this.ends) {
      yield this.bytes.toString('utf8', start, end);
      start = end;
    }
  }
}
