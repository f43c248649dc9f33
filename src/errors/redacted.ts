/** What may be a secret, wherever it comes from. Hashes and nonces look like keys, so they go, too: the audit has them. */
const PATTERNS: readonly [pattern: RegExp, shown: string][] = [
  [/(0x)?[0-9a-f]{64,}/gi, '[hex]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [secret]'],
  [/(:\/\/)[^\s/@"]+@/g, '$1[secret]@'],
  // Base64 of a JSON object, as payments are sent.
  [/\beyJ[\w+/-]{32,}=*/g, '[base64]'],
  // Signatures and whole key pairs as Solana writes them; addresses are shorter.
  [/\b[1-9A-HJ-NP-Za-km-z]{80,90}\b/g, '[base58]'],
];

/** The text without what may be a secret: keys, signatures, payments, tokens, passwords in URLs. For logs. */
export function redacted(text: string): string {
  return PATTERNS.reduce((cut, [pattern, shown]) => cut.replace(pattern, shown), text);
}
