import { Logger } from '@nestjs/common';
import { createApplication } from './application.js';
import { Configuration } from './configuration/configuration.js';
import { armCrashPoint } from './crash/crash-points.js';

/** Runs the proxy until it is told to stop. @throws ConfigurationError | CodedError | the error of listening, with what to do */
export async function serve(): Promise<void> {
  const app = await createApplication();
  try {
    const { host, port, crash } = app.get(Configuration);
    armCrashPoint(crash);
    await app.listen(port, host);
    new Logger('Proxy').log(`listening on ${await app.getUrl()}`);
  } catch (error) {
    await app.close();
    throw error;
  }
}
