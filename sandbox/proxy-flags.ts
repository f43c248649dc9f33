/** Node's own options, as `npm start` gives them to the proxy. */
export const PROXY_FLAGS: readonly string[] = ['--max-old-space-size=512', '--max-semi-space-size=8', '--v8-pool-size=1'];
