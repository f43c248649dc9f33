/** The text of a body, in UTF-8. @throws what reading throws, and a RangeError where it is longer than it may be */
export async function boundedText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > maxBytes) throw new RangeError(`the answer is longer than ${maxBytes} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}
