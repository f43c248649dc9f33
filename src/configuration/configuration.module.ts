import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Configuration, type ConfigurationUse } from './configuration.js';

const KEY = 'configuration';

/**
 * The only reader of the environment. A file `.env` in the working directory fills in what the environment does not set.
 * Global, because every module reads settings and none may read `process.env` itself.
 */
@Module({})
export class ConfigurationModule {
  /** @throws ConfigurationError (at the call) when the environment has problems. */
  static async forRoot(use: ConfigurationUse = { createsLedger: true }): Promise<DynamicModule> {
    return {
      module: ConfigurationModule,
      global: true,
      imports: [await ConfigModule.forRoot({ validate: (variables) => ({ [KEY]: new Configuration(variables, use) }) })],
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
