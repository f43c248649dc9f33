import { describe, expect, it } from '@jest/globals';
import { Configuration } from '../../../src/configuration/configuration.js';
import { ConfigurationError } from '../../../src/configuration/configuration-error.js';

const supervision = (variables: Record<string, string>) => new Configuration(variables).supervision;
const OWN_PID = String(process.pid);

describe('what the service manager wants', () => {
  it('is nothing where there is none', () => {
    expect(supervision({})).toEqual({ notifySocket: undefined, watchdogMs: undefined, listenDescriptor: undefined });
  });

  it('a watchdog time without a process number, or with this one, is for this process', () => {
    expect(supervision({ WATCHDOG_USEC: '60000000' }).watchdogMs).toBe(60_000);
    expect(supervision({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: OWN_PID }).watchdogMs).toBe(60_000);
    expect(supervision({ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' }).watchdogMs).toBeUndefined();
  });

  it('a socket is only for the process that it was passed to', () => {
    expect(supervision({ LISTEN_FDS: '1', LISTEN_PID: OWN_PID }).listenDescriptor).toBe(3);
    expect(supervision({ LISTEN_FDS: '1', LISTEN_PID: '1' }).listenDescriptor).toBeUndefined();
    expect(supervision({ LISTEN_FDS: '1' }).listenDescriptor).toBeUndefined();
  });

  it('two sockets are one too many', () => {
    expect(() => supervision({ LISTEN_FDS: '2', LISTEN_PID: OWN_PID })).toThrow(ConfigurationError);
  });
});
