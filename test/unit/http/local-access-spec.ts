import { describe, expect, it, jest } from '@jest/globals';
import type { Request, Response } from 'express';
import { Configuration } from '../../../src/configuration/configuration.js';
import { LocalAccessMiddleware } from '../../../src/http/local-access.middleware.js';

const TOKEN = 'a-token-of-sixteen-and-more';

/** Lets the request in, or throws. */
function enter(headers: Record<string, string>, variables: Record<string, string> = {}, more: object = {}): void {
  const next = jest.fn();
  const request = { url: '/v1/chat/completions', headers, rawHeaders: Object.entries(headers).flat(), ...more };
  new LocalAccessMiddleware(new Configuration(variables)).use(request as unknown as Request, {} as Response, next);
  expect(next).toHaveBeenCalledTimes(1);
}

const refused = (code: string) => expect.objectContaining({ code });

describe('who may talk to the proxy', () => {
  it.each(['localhost:8787', '127.0.0.1:8787', '[::1]:8787', 'localhost', 'LOCALHOST:8787', '127.0.0.2:8787'])(
    'whoever calls it %s',
    (host) => {
      enter({ host });
    },
  );

  it.each([
    'evil.example',
    'evil.example:8787',
    'localhost.evil.example:8787',
    '127.0.0.1.evil.example',
    '',
    '192.168.1.10:8787',
    'localhost:8787:1',
    'localhost.',
    'localhost.:8787',
    '127.0.0.1.:8787',
    'user@localhost:8787',
    'localhost@evil.example',
    'localhost,evil.example',
    'localhost/evil',
    '[::1].evil.example',
    '0.0.0.0:8787',
    '2130706433:8787',
    '0x7f000001',
    '[::ffff:127.0.0.1]',
  ])('not whoever calls it %j', (host) => {
    expect(() => enter({ host })).toThrow(refused('foreign_host'));
  });

  it.each([
    'http://evil.example/v1/chat/completions',
    'http://localhost:8787/v1/chat/completions',
    '//evil.example/v1/chat/completions',
    'evil.example:443',
    '*',
    '',
  ])('not with the target %j, whatever the Host', (url) => {
    expect(() => enter({ host: 'localhost' }, {}, { url })).toThrow(refused('foreign_host'));
  });

  it('not with two Hosts, be they the same', () => {
    for (const second of ['evil.example', 'localhost']) {
      expect(() => enter({ host: 'localhost' }, {}, { rawHeaders: ['Host', 'localhost', 'hOsT', second] })).toThrow(
        refused('foreign_host'),
      );
    }
  });

  it('not a request without a Host', () => {
    expect(() => enter({})).toThrow(refused('foreign_host'));
  });

  it.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'http://localhost:3000',
    'http://localhost',
    'http://127.0.0.1:8787',
    'http://localhost:8787@evil.example',
    'chrome-extension://abc',
    'app://localhost:8787',
    'null',
    'file://',
    'http://',
    '',
  ])('not a page of the origin %s', (origin) => {
    expect(() => enter({ host: 'localhost:8787', origin })).toThrow(refused('foreign_origin'));
  });

  it.each(['cross-site', 'same-site'])('not what a browser says is %s', (site) => {
    expect(() => enter({ host: 'localhost:8787', 'sec-fetch-site': site })).toThrow(refused('foreign_origin'));
  });

  it('a page of its own origin', () => {
    enter({ host: 'localhost:8787', origin: 'http://localhost:8787', 'sec-fetch-site': 'same-origin' });
  });
});

describe('with a token set', () => {
  const secured = { BLOCKRUN_PROXY_TOKEN: TOKEN };

  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`])('%s opens', (authorization) => {
    enter({ host: 'proxy.example', authorization }, secured);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
  ])('%s does not', (authorization) => {
    const headers: Record<string, string> = { host: 'localhost', ...(authorization !== undefined && { authorization }) };
    expect(() => enter(headers, secured)).toThrow(refused('invalid_token'));
  });

  it('a page of another origin stays out even with the token', () => {
    expect(() => enter({ host: 'localhost', origin: 'https://evil.example', authorization: `Bearer ${TOKEN}` }, secured)).toThrow(
      refused('foreign_origin'),
    );
  });
});
