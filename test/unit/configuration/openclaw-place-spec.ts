import { homedir } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { openClawPlace } from '../../../src/configuration/openclaw-place.js';

const home = homedir();

describe("OpenClaw's place", () => {
  // Seen with the real command: `openclaw [--profile x] config file`.
  it.each([
    [undefined, {}, `${home}/.openclaw/openclaw.json`],
    ['x', {}, `${home}/.openclaw-x/openclaw.json`],
    ['default', {}, `${home}/.openclaw/openclaw.json`],
    [undefined, { OPENCLAW_PROFILE: 'y' }, `${home}/.openclaw/openclaw.json`],
    ['x', { OPENCLAW_STATE_DIR: '/state' }, '/state/openclaw.json'],
    ['x', { OPENCLAW_STATE_DIR: '/state', OPENCLAW_CONFIG_PATH: '/c.json' }, '/c.json'],
    [undefined, { OPENCLAW_STATE_DIR: '~/s' }, `${home}/s/openclaw.json`],
    [undefined, { OPENCLAW_HOME: '/h' }, '/h/.openclaw/openclaw.json'],
    [undefined, { OPENCLAW_CONFIG_PATH: '  ' }, `${home}/.openclaw/openclaw.json`],
  ])('with profile %j and %j has its configuration at %s', (profile, variables, file) => {
    expect(openClawPlace(profile, variables).configFile).toBe(file);
  });

  it.each([
    [{}, undefined],
    [{ OPENCLAW_CONFIG_READONLY: '1' }, 'OPENCLAW_CONFIG_READONLY'],
    [{ OPENCLAW_NIX_MODE: '1' }, 'OPENCLAW_NIX_MODE'],
    [{ OPENCLAW_NIX_MODE: '0' }, undefined],
  ])('with %j is kept by somebody else as %j says', (variables, name) => {
    expect(openClawPlace(undefined, variables).readOnlyBy).toBe(name);
  });

  it('hands none of our settings to its command, above all no key', () => {
    const variables = {
      X402_PRIVATE_KEY: '0x1',
      BLOCKRUN_PROXY_TOKEN: 't',
      BLOCKRUN_LEDGER_URL: 'postgres://u:p@h/d',
      PORT: '1',
      HOST: 'h',
      OTHER: 'o',
    };
    expect(openClawPlace(undefined, { ...variables, PATH: '/bin' }).childEnvironment).toEqual({ OTHER: 'o', PATH: '/bin' });
  });
});
