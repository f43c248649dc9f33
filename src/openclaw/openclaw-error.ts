/** OpenClaw's configuration could not be read or changed. The message says what to do; the configuration is as it was. */
export class OpenClawError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'OpenClawError';
  }
}
