import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { Configuration } from '../../../src/configuration/configuration.js';
import { Secret } from '../../../src/configuration/secret.js';
import { SameOriginGuard } from '../../../src/dashboard/same-origin.guard.js';

const OWN_PAGE = { origin: 'http://127.0.0.1:8787', 'sec-fetch-site': 'same-origin' };
const may = (headers: Record<string, string>, token?: string) => {
  const guard = new SameOriginGuard({ token: token === undefined ? undefined : new Secret(token) } as Configuration);
  return guard.canActivate(new ExecutionContextHost([{ headers }]));
};

describe('who may pause and resume over HTTP', () => {
  it('without a token is the page that the proxy itself serves', () => {
    expect(may(OWN_PAGE)).toBe(true);
  });

  it.each([
    ['a program', {}],
    ['a program that claims to be a page', { origin: OWN_PAGE.origin }],
    ['a page elsewhere on this site', { ...OWN_PAGE, 'sec-fetch-site': 'same-site' }],
    ['a page of anybody', { ...OWN_PAGE, 'sec-fetch-site': 'cross-site' }],
    ['an address that was typed', { ...OWN_PAGE, 'sec-fetch-site': 'none' }],
    ['who has no origin', { 'sec-fetch-site': 'same-origin' }],
  ])('without a token is not %s', (_who, headers) => {
    expect(() => may(headers)).toThrow(expect.objectContaining({ code: 'foreign_origin' }));
  });

  it('with a token is whoever sent it, which the front door has seen to', () => {
    expect(may({}, 'a-token-of-16-letters')).toBe(true);
  });
});
