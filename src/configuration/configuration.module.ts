import { resolve } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Configuration, type ConfigurationUse } from './configuration.js';
import { forgetSecrets, refuseOpenSettings, withCredentials } from './credentials.js';

const KEY = 'configuration';

/**
 * The only reader of the environment. A file `.env` in the working directory fills in what the environment does not set.
 * What of it is secret is then in the configuration alone. Global, because every module reads settings and none may read `process.env` itself.
 */
@Module({})
export class ConfigurationModule {
  /** @throws ConfigurationError (at the call) when the environment has problems. */
  static async forRoot(use: ConfigurationUse = { createsLedger: true }): Promise<DynamicModule> {
    return {
      module: ConfigurationModule,
      global: true,
      imports: [await ConfigModule.forRoot({ validate: (variables) => ({ [KEY]: configurationFrom(variables, use) }) })],
      providers: [
        {
          provide: Configuration,
          inject: [ConfigService],
          useFactory: (settings: ConfigService) => settings.getOrThrow<Configuration>(KEY),
        },
      ],
      exports: [Configuration],
    };
  }
}

/** The variables are those of the environment, and of the file `.env` where the environment has none. */
function configurationFrom(variables: Record<string, unknown>, use: ConfigurationUse): Configuration {
  const fromFile = Object.entries(variables).filter(([name]) => process.env[name] === undefined);
  refuseOpenSettings(resolve('.env'), Object.fromEntries(fromFile));
  const configuration = new Configuration(withCredentials(variables), use);
  forgetSecrets(process.env);
  return configuration;
}
