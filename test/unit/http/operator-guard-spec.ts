import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { OperatorGuard } from '../../../src/http/operator.guard.js';

const may = (request: object) => new OperatorGuard().canActivate(new ExecutionContextHost([request]));

describe('what is for operators', () => {
  it('is open to who came in without a name, and to a client that is known by its session alone', () => {
    expect(may({})).toBe(true);
    expect(may({ knownClient: { name: 'agent', tokenDigest: undefined } })).toBe(true);
  });

  it('is closed to a client that came in by a token of its own, which is told whose token it needs', () => {
    const enter = () => may({ knownClient: { name: 'agent', tokenDigest: 'a1' } });
    expect(enter).toThrow(expect.objectContaining({ code: 'invalid_token' }));
    expect(enter).toThrow(/client agent .*BLOCKRUN_PROXY_TOKEN/);
  });
});
