/** Told to whoever asks, from wherever: how the proxy is. It reads no request and pays nothing. */
const HEALTH = /^\/health(\/(live|ready))?(\?|$)/;

/** The page itself, which asks for the token, and its files: exactly these, under a name of this proxy, and without a figure in them. */
const PAGE = /^\/(dashboard\/files\/[a-z]+\.(css|js|svg))?$/;

/** Both go by the target as it was sent: what Express calls the path of a request is another one inside of a middleware. */
export function isHealth({ method, originalUrl }: { method: string; originalUrl: string }): boolean {
  return method === 'GET' && HEALTH.test(originalUrl);
}

export function isPage({ method, originalUrl }: { method: string; originalUrl: string }): boolean {
  return method === 'GET' && PAGE.test(originalUrl);
}
