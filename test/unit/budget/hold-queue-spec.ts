import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HoldQueue } from '../../../src/budget/hold-queue.js';
import { claim, held, inFlight, placeInOrder, Room, signedInFlight, spent } from '../../support/room.js';

const WAIT_MS = 2000;
const STAYING = () => false;
describe('the queue for room under the cap', () => {
  let room: Room;
  let queue: HoldQueue;
  let fault: Error | undefined;

  beforeEach(() => {
    jest.useFakeTimers();
    room = new Room();
    fault = undefined;
    queue = queueWaiting(WAIT_MS);
  });
  afterEach(() => void jest.useRealTimers());

  const queueWaiting = (waitMs: number) =>
    new HoldQueue(waitMs, (claims) => (fault ? Promise.reject(fault) : placeInOrder(claims, () => room)));
  const enter = (id: string, isGone = STAYING) => queue.enter(claim(id), isGone);
  const settle = () => jest.advanceTimersByTimeAsync(0);

  async function giveBack(places = 1): Promise<void> {
    room.free += places;
    queue.roomMayBeBack();
    await settle();
  }

  it('lets a call through at once when there is room', async () => {
    room.free = 1;
    expect(await enter('a')).toEqual(held('a'));
    expect(room.asked).toEqual(['a']);
  });

  it('refuses at once when no call in flight could give room back', async () => {
    room.full = spent;
    expect(await enter('a')).toBe(spent);
    expect(room.asked).toEqual(['a']);
  });

  it.each([
    ['unsigned holds', inFlight],
    ['payments without an answer yet', signedInFlight],
  ])('waits while %s take the room', async (_name, full) => {
    room.full = full;
    const a = enter('a');
    await settle();
    await giveBack();
    expect(await a).toEqual(held('a'));
  });

  it('serves in the order of arrival', async () => {
    const calls = ['a', 'b', 'c', 'd'].map((id) => enter(id));
    await settle();
    for (let given = 0; given < 4; given += 1) await giveBack();
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c', 'd'].map(held));
    expect(room.placed).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not let a newcomer overtake those who wait', async () => {
    const early = [enter('a'), enter('b')];
    await settle();
    room.free = 1;
    const late = enter('c');
    await settle();
    queue.roomMayBeBack();
    await settle();
    expect(room.placed).toEqual(['a']);
    await giveBack(2);
    await Promise.all([...early, late]);
    expect(room.placed).toEqual(['a', 'b', 'c']);
  });

  it('gives room for several to several', async () => {
    const calls = ['a', 'b', 'c'].map((id) => enter(id));
    await settle();
    await giveBack(3);
    await Promise.all(calls);
    expect(room.placed).toEqual(['a', 'b', 'c']);
  });

  it('looks again by itself, for room that another process gives back', async () => {
    const a = enter('a');
    await settle();
    room.free = 1;
    await jest.advanceTimersByTimeAsync(50);
    expect(await a).toEqual(held('a'));
  });

  it('ends the wait with the refusal that stands then', async () => {
    const a = enter('a');
    await jest.advanceTimersByTimeAsync(WAIT_MS - 1);
    const isOver = jest.fn();
    void a.then(isOver);
    await settle();
    expect(isOver).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(51);
    expect(await a).toBe(inFlight);
  });

  it('ends every wait in its own time, also that of those who never came first', async () => {
    const a = enter('a');
    await jest.advanceTimersByTimeAsync(1000);
    const b = enter('b');
    await jest.advanceTimersByTimeAsync(1060);
    expect(await a).toBe(inFlight);
    const isOver = jest.fn();
    void b.then(isOver);
    await settle();
    expect(isOver).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1000);
    expect(await b).toBe(inFlight);
  });

  it('ends the wait early when nothing can come back any more', async () => {
    const a = enter('a');
    await settle();
    room.full = spent;
    queue.roomMayBeBack();
    expect(await a).toBe(spent);
  });

  it('does not wait at all when told not to', async () => {
    expect(await queueWaiting(0).enter(claim('a'), STAYING)).toBe(inFlight);
    expect(room.asked).toEqual(['a']);
  });

  it('does not keep those behind a client that has left', async () => {
    let isGone = false;
    const a = enter('a', () => isGone);
    const b = enter('b');
    await settle();
    const left = expect(a).rejects.toMatchObject({ code: 'client_closed_request' });
    isGone = true;
    await jest.advanceTimersByTimeAsync(50);
    await left;
    await giveBack();
    expect(await b).toEqual(held('b'));
  });

  it('tells a fault of the ledger to the calls that met it, and goes on with those after them', async () => {
    const told = Promise.all(['a', 'b'].map((id) => expect(enter(id)).rejects.toThrow('the disk is full')));
    await settle();
    fault = new Error('the disk is full');
    queue.roomMayBeBack();
    await told;
    fault = undefined;
    room.free = 1;
    expect(await enter('c')).toEqual(held('c'));
  });

  it('tells a fault at the first look too', async () => {
    fault = new Error('no ledger');
    await expect(enter('a')).rejects.toThrow('no ledger');
    fault = undefined;
    room.free = 1;
    expect(await enter('b')).toEqual(held('b'));
  });

  it('asks for those that wait together, and for nobody behind one that has to go on waiting', async () => {
    const asked: string[][] = [];
    const together = new HoldQueue(WAIT_MS, (claims) => {
      asked.push(claims.map(({ id }) => id));
      return placeInOrder(claims, () => room);
    });
    room.free = 3;
    const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => together.enter(claim(id), STAYING));
    await settle();
    expect(asked.slice(0, 2)).toEqual([['a'], ['b', 'c', 'd', 'e']]);
    expect(room.asked).not.toContain('e');
    room.free = 2;
    together.roomMayBeBack();
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c', 'd', 'e'].map(held));
  });

  it('serves again after it was empty', async () => {
    const a = enter('a');
    await settle();
    await giveBack();
    await a;
    const b = enter('b');
    await settle();
    await giveBack();
    expect(await b).toEqual(held('b'));
  });

  it('leaves no timer behind', async () => {
    const a = enter('a');
    await settle();
    await giveBack();
    await a;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets five hundred wait and tells the next at once that there is no room', async () => {
    const calls = Array.from({ length: 500 }, (_, index) => enter(`${index}`));
    await settle();
    expect(await enter('one too many')).toBe(inFlight);
    await giveBack(500);
    expect(await Promise.all(calls)).toHaveLength(500);
  });

  // Guards against a call beyond the five hundred that asks the ledger itself, ahead of all that wait.
  it('does not let a call overtake a full queue', async () => {
    const calls = Array.from({ length: 500 }, (_, index) => enter(`${index}`));
    await settle();
    room.free = 1;
    expect((await enter('late')).kind).toBe('cap-reached');
    await giveBack(499);
    await Promise.all(calls);
  });
});
