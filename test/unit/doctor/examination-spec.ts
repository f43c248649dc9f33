import { describe, expect, it } from '@jest/globals';
import { examine } from '../../../src/doctor/examination.js';
import { fail, ok, together, warn } from '../../../src/doctor/finding.js';

const limits = { withinMs: 60_000, secrets: ['hush-hush'] };

describe('an examination', () => {
  it('goes on where a check throws, in whichever way it does', async () => {
    const checks = [
      { name: 'first', run: () => Promise.reject(new Error('it fell over')) },
      {
        name: 'second',
        run: () => {
          throw new Error('at once');
        },
      },
      { name: 'third', run: () => ok('well') },
    ];
    expect(await examine(checks, limits)).toEqual([
      { name: 'first', status: 'fail', says: 'it fell over' },
      { name: 'second', status: 'fail', says: 'at once' },
      { name: 'third', status: 'ok', says: 'well' },
    ]);
  });

  it('does not wait for a check that takes too long, and tells it so', async () => {
    let wasTold = false;
    const endless = {
      name: 'endless',
      run: (signal: AbortSignal) => {
        signal.addEventListener('abort', () => (wasTold = true));
        return new Promise<never>(() => undefined);
      },
    };
    const found = await examine([endless, { name: 'other', run: () => ok('well') }], { ...limits, withinMs: 50 });
    expect(found).toMatchObject([{ status: 'fail', says: 'it could not be found out within 0.05 seconds' }, { status: 'ok' }]);
    expect(wasTold).toBe(true);
  });

  it('shows no secret, no private key and no control character, whatever a check says', async () => {
    const key = `0x${'ab'.repeat(32)}`;
    const [found] = await examine([{ name: 'loose', run: () => warn(`hush-hush ${key}\n\u001b[31m`, 'say hush-hush') }], limits);
    expect(found).toEqual({ name: 'loose', status: 'warn', says: '(hidden) (hidden) [31m', next: 'say (hidden)' });
  });
});

describe('several findings of one check', () => {
  it('are as bad as the worst of them, and leave out what is well', () => {
    expect(together([ok('well'), warn('odd', 'look'), fail('broken', 'mend')])).toEqual({
      status: 'fail',
      says: 'odd; broken',
      next: 'look; mend',
    });
    expect(together([ok('one'), ok('two')])).toEqual({ status: 'ok', says: 'one; two', next: undefined });
  });
});
