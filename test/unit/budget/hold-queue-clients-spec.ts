import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HoldQueue } from '../../../src/budget/hold-queue.js';
import { claim, held, placeInOrder, refused, Room } from '../../support/room.js';

const WAIT_MS = 2000;
const STAYING = () => false;

describe('the queue for room, with a client at its own limit,', () => {
  /** A ledger in which one client has no room of its own, until it is given some. */
  let ownRoom: Room;
  let room: Room;
  let queue: HoldQueue;
  beforeEach(() => {
    jest.useFakeTimers();
    room = new Room();
    queue = new HoldQueue(WAIT_MS, (claims) => placeInOrder(claims, ({ client }) => (client?.name === 'busy' ? ownRoom : room)));
    ownRoom = new Room();
    ownRoom.full = refused(1n, 1n, 'busy');
  });
  afterEach(() => void jest.useRealTimers());

  const enterFor = (client: string | undefined, id: string) => queue.enter(claim(id, client), STAYING);
  const settle = () => jest.advanceTimersByTimeAsync(0);
  const enterBusy = (id: string) => queue.enter(claim(id, 'busy'), STAYING);

  it('lets calls of others through at once, whether they wait already or come later', async () => {
    const busy = enterBusy('a');
    room.free = 2;
    expect(await enterFor('other', 'b')).toEqual(held('b'));
    await settle();
    expect(await enterFor(undefined, 'c')).toEqual(held('c'));
    ownRoom.free = 1;
    await jest.advanceTimersByTimeAsync(50);
    expect(await busy).toEqual(held('a'));
  });

  it('keeps its own calls in their order', async () => {
    const calls = [enterBusy('a'), enterBusy('b')];
    await settle();
    expect(ownRoom.asked).not.toContain('b');
    ownRoom.free = 2;
    queue.roomMayBeBack();
    await Promise.all(calls);
    expect(ownRoom.placed).toEqual(['a', 'b']);
  });

  it('lets nobody overtake a call that waits for the room of all', async () => {
    const waiting = enterFor('other', 'a');
    const busy = enterBusy('b');
    await settle();
    expect(ownRoom.asked).toEqual([]);
    room.free = 1;
    queue.roomMayBeBack();
    expect(await waiting).toEqual(held('a'));
    await jest.advanceTimersByTimeAsync(WAIT_MS + 50);
    expect((await busy).kind).toBe('cap-reached');
  });

  it('ends every wait in its own time', async () => {
    const calls = [enterBusy('a'), enterBusy('b')];
    await jest.advanceTimersByTimeAsync(WAIT_MS + 50);
    expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(['cap-reached', 'cap-reached']);
  });

  it('counts five hundred of each client, not of all', async () => {
    const calls = Array.from({ length: 500 }, (_, index) => enterBusy(`${index}`));
    await settle();
    expect((await enterBusy('one too many')).kind).toBe('cap-reached');
    room.free = 1;
    expect(await enterFor('other', 'b')).toEqual(held('b'));
    ownRoom.free = 500;
    queue.roomMayBeBack();
    expect(await Promise.all(calls)).toHaveLength(500);
  });
});
