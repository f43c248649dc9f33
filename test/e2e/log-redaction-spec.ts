import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { TemporaryDirectory } from '../support/temporary-directory.js';

const KEY = 'ab12'.repeat(16);
/** Nothing of the proxy hands a secret to its logger; a library's error may. */
const PROGRAM = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger } from 'nestjs-pino';
import { ConfigurationModule } from './dist/configuration/configuration.module.js';
import { logging } from './dist/http/logging.js';
class Root {}
Module({ imports: [await ConfigurationModule.forRoot(), logging] })(Root);
const app = await NestFactory.createApplicationContext(Root, { logger: false });
const log = app.get(Logger);
log.warn('the key is 0x${KEY}');
log.error({ fault: 'Authorization: Bearer a-token-of-somebody', url: 'postgres://me:pass-word@db.example/x' });
log.error(new Error('sent eyJ${'Zm9v'.repeat(20)}'));
await app.close();
`;

describe('a line that is handed a secret', () => {
  it.each(['json', 'pretty'])('is written without it (%s)', (format) => {
    const directory = new TemporaryDirectory();
    const env = { PATH: process.env.PATH, HOME: directory.path, BLOCKRUN_LOG_FORMAT: format, BLOCKRUN_DRY_RUN: '1' };
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { encoding: 'utf8', env });
    directory.remove();
    expect(stderr).toBe('');
    for (const shown of ['the key is [hex]', '[secret]', 'postgres://[secret]@db.example', 'sent [base64]'])
      expect(stdout).toContain(shown);
    for (const secret of [KEY, 'a-token-of-somebody', 'pass-word', 'Zm9vZm9v']) expect(stdout).not.toContain(secret);
  });
});
