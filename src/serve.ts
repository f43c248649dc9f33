import { once } from 'node:events';
import type { Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { Logger } from '@nestjs/common';
import { createApplication } from './application.js';
import { Configuration } from './configuration/configuration.js';
import { ConfigurationError } from './configuration/configuration-error.js';
import { isLoopback } from './configuration/environment.js';
import { armCrashPoint } from './crash/crash-points.js';
import { SupervisionService } from './supervision/supervision.service.js';

/** How much code V8 may inline into one function, in bytes of bytecode: about twice its own default. A request goes through many small functions. */
const INLINED_BYTECODE = '--max-inlined-bytecode-size-cumulative=2000';

/** Runs the proxy until it is told to stop. @throws ConfigurationError | CodedError | the error of listening, with what to do */
export async function serve(): Promise<void> {
  setFlagsFromString(INLINED_BYTECODE);
  const app = await createApplication();
  try {
    const configuration = app.get(Configuration);
    armCrashPoint(configuration.crash);
    await app.init();
    new Logger('Proxy').log(`listening on ${await listen(app.getHttpServer(), configuration)}`);
    await app.get(SupervisionService).ready();
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * Listens at the address, or on a socket that systemd opened; returns the URL.
 * @throws ConfigurationError when that socket is open to other machines and no token is asked for; the error of listening
 */
async function listen(server: Server, { host, port, token, supervision }: Configuration): Promise<string> {
  const { listenDescriptor: fd } = supervision;
  server.listen(fd === undefined ? { host, port } : { fd });
  await once(server, 'listening'); // rejects with an `error` that comes first
  const address = server.address();
  if (address === null || typeof address === 'string') throw new ConfigurationError(['ListenStream= must be an address and a port']);
  if (!isLoopback(address.address) && token === undefined) {
    throw new ConfigurationError([`ListenStream=${address.address} is reachable from other machines: set BLOCKRUN_PROXY_TOKEN`]);
  }
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}
