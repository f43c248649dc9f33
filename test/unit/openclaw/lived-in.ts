/** A configuration as people keep them: comments, several ways to quote, another provider and default, a trailing comma here and there. */
export const LIVED_IN = `// mine
{
  gateway: { mode: 'local', port: 18999, auth: { mode: 'token', token: 'not-to-be-shown' } }, // the gateway
  agents: {
    defaults: {
      model: { primary: 'ollama/llama3', fallbacks: ['ollama/qwen'] }, /* for every day */
      "heartbeat": { every: "1h" },
    },
  },
  models: {
    // what runs here
    providers: {
      'ollama': { baseUrl: 'http://127.0.0.1:11434/v1', api: 'openai-completions', models: [{ id: 'llama3', name: 'L' }] }, // local
    },
  },
  // the end
}
`;

/** As OpenClaw writes it. */
export const BY_OPENCLAW = `${JSON.stringify(
  {
    gateway: { mode: 'local', auth: { mode: 'token', token: 'not-to-be-shown' } },
    meta: { migrations: { modelPolicyAllowlist: true }, lastTouchedVersion: '2026.9.6' },
  },
  null,
  2,
)}\n`;

export const MODELS = [
  {
    id: 'google/gemini-3-flash-preview',
    name: 'Gemini 3 Flash Preview',
    contextWindow: 1_000_000,
    maxOutputTokens: 65_536,
    inputKinds: ['text', 'image'],
    inputUsdPerMillionTokens: '0.50',
    outputUsdPerMillionTokens: '3.00',
  },
  { id: 'somebody/unknown' },
] as const;
