import { type DynamicModule, type INestApplicationContext, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigurationModule } from '../configuration/configuration.module.js';

@Module({})
class CommandModule {}

/**
 * Runs a command on the books of the proxy, whether that is running or not: commands and proxies take turns in the ledger's transactions.
 * Without a wallet, without a web server, and only where there is a ledger. @throws ConfigurationError | CodedError
 */
export async function onBooks<T>(
  modules: NonNullable<ModuleMetadata['imports']>,
  act: (books: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const configuration = await ConfigurationModule.forRoot({ createsLedger: false });
  const root: DynamicModule = { module: CommandModule, imports: [configuration, ...modules] };
  const books = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  try {
    return await act(books);
  } finally {
    await books.close();
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
