import { describe, expect, it } from '@jest/globals';
import { Activity, shownDays } from '../../../src/dashboard/activity.js';
import type { ActivitySum } from '../../../src/ledger/ledger-activity.js';
import { TAKEN_OVER } from '../../../src/ledger/usage.js';

const NOW = new Date('2026-06-06T12:34:56.789Z');
const hourOf = (time: string) => BigInt(Math.floor(Date.parse(time) / 3_600_000));
const sum = (fields: Partial<ActivitySum> = {}): ActivitySum => ({
  day: '2026-06-06',
  hour: hourOf('2026-06-06T12:00:00Z'),
  model: 'a/model',
  client: null,
  calls: 1,
  spentMicroUsd: 2_000n,
  ...fields,
});

function viewOf(sums: readonly ActivitySum[], now = NOW) {
  const activity = new Activity();
  for (const each of sums) activity.add(each);
  return activity.view(now);
}

describe('the activity that a dashboard shows', () => {
  it('is of 24 hours and 30 days, oldest first, this hour and today included', () => {
    const { hours, days } = viewOf([]);
    expect([hours.length, hours[0]?.from, hours[23]?.from]).toEqual([24, '2026-06-05T13:00:00.000Z', '2026-06-06T12:00:00.000Z']);
    expect([days.length, days[0]?.day, days[29]?.day]).toEqual([30, '2026-05-08', '2026-06-06']);
    expect(hours[0]).toMatchObject({ spentUsd: '0.000000', calls: 0 });
    expect(shownDays(NOW)).toEqual({ from: '2026-05-08', to: '2026-06-06' });
  });

  it('adds what comes to what is there', () => {
    const { hours, days, models } = viewOf([sum(), sum({ calls: 2, spentMicroUsd: 1n })]);
    const all = { spentUsd: '0.002001', calls: 3 };
    expect(hours[23]).toMatchObject(all);
    expect(days[29]).toMatchObject(all);
    expect(models).toEqual([{ name: 'a/model', today: all, days: all }]);
  });

  it('counts a call on the day of its hold and in the hour of its end', () => {
    const { hours, days } = viewOf([sum({ day: '2026-06-05', hour: hourOf('2026-06-06T00:00:00Z') })]);
    expect(days.filter(({ calls }) => calls > 0).map(({ day }) => day)).toEqual(['2026-06-05']);
    expect(hours.filter(({ calls }) => calls > 0).map(({ from }) => from)).toEqual(['2026-06-06T00:00:00.000Z']);
  });

  it('ranks by money, then by calls, to the last micro-dollar of large sums', () => {
    const large = 9_007_199_254_740_993n;
    const { models } = viewOf([
      sum({ model: 'a/free-and-rare', spentMicroUsd: 0n }),
      sum({ model: 'a/free', spentMicroUsd: 0n, calls: 9 }),
      sum({ model: 'a/large', spentMicroUsd: large }),
      sum({ model: 'a/larger', spentMicroUsd: large + 1n }),
    ]);
    expect(models.map(({ name }) => name)).toEqual(['a/larger', 'a/large', 'a/free', 'a/free-and-rare']);
  });

  it('has clients that are known by name, and nobody for the others', () => {
    const { clients } = viewOf([sum({ client: 'laptop' }), sum({ client: 'laptop', day: '2026-06-01' }), sum()]);
    expect(clients).toEqual([{ name: 'laptop', today: { spentUsd: '0.002000', calls: 1 }, days: { spentUsd: '0.004000', calls: 2 } }]);
  });

  it('has what an old summary brought along in its day, and in no hour, of which nothing is known', () => {
    const { hours, days, models } = viewOf([sum({ model: null, calls: 0 })]);
    expect(hours.every(({ spentUsd }) => spentUsd === '0.000000')).toBe(true);
    expect(days[29]?.spentUsd).toBe('0.002000');
    expect(models.map(({ name }) => name)).toEqual([TAKEN_OVER]);
  });

  it('forgets hours and days that are not shown any more', () => {
    const activity = new Activity();
    activity.add(sum({ client: 'laptop' }));
    const later = activity.view(new Date('2026-07-06T12:00:00Z'));
    expect(later).toMatchObject({ models: [], clients: [] });
    // A clock that goes back finds them gone: they were not only left out.
    const again = activity.view(NOW);
    expect([again.hours[23]?.calls, again.days[29]?.calls]).toEqual([0, 0]);
  });

  it('keeps a day until it is the 31st', () => {
    const sums = [sum({ client: 'laptop' })];
    expect(viewOf(sums, new Date('2026-07-05T23:59:59.999Z')).clients).toHaveLength(1);
    expect(viewOf(sums, new Date('2026-07-06T00:00:00.000Z')).clients).toHaveLength(0);
  });
});
