import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemberships, usergroupLister, usergroupProblems } from '../../src/slack/usergroups.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';

let now = 0;
let asked: string[] = [];
let members: Record<string, readonly string[] | null> = {};
const warned: object[] = [];
const log = { warn: (fields: object) => void warned.push(fields) };

beforeEach(() => {
  now = 1_000_000;
  asked = [];
  warned.length = 0;
  members = { S1: ['U1', 'U2'], S2: ['U3'] };
});

/** A cache over a Slack that says what `members` says; null there is no answer. */
function memberships() {
  return createMemberships({
    clock: () => now,
    log,
    list: (group) => {
      asked.push(group);
      const users = members[group] ?? null;
      return users === null ? Promise.reject(new Error('no answer')) : Promise.resolve(users);
    },
  });
}

describe('who is in a user group', () => {
  it('is told by any of the accounts of a person, of the groups that are asked for', async () => {
    const of = memberships();
    expect(await of(['U1'], ['S1', 'S2'])).toEqual(['S1']);
    expect(await of(['U9', 'U3'], ['S1', 'S2'])).toEqual(['S2']);
    expect(await of(['U9'], ['S1'])).toEqual([]);
    expect(await of(['U1'], [])).toEqual([]);
  });

  it('is asked once by all who ask at the same time, and again after a minute', async () => {
    const of = memberships();
    await Promise.all(Array.from({ length: 20 }, () => of(['U1'], ['S1'])));
    now += 59_999;
    await of(['U2'], ['S1']);
    expect(asked).toEqual(['S1']);
    members['S1'] = ['U2'];
    now += 1;
    expect(await of(['U1'], ['S1'])).toEqual([]);
    expect(asked).toEqual(['S1', 'S1']);
  });

  it('is what was said last for five minutes while Slack is silent, then nobody knows', async () => {
    const of = memberships();
    await of(['U1'], ['S1']);
    members['S1'] = null;
    now += 60_000;
    expect(await of(['U1'], ['S1'])).toEqual(['S1']);
    now += 240_000;
    expect(await of(['U1'], ['S1'])).toEqual(['S1']);
    now += 1;
    expect(await of(['U1'], ['S1'])).toBeNull();
    expect(warned.length).toBeGreaterThan(0);
    members['S1'] = ['U1'];
    now += 2_000;
    expect(await of(['U1'], ['S1'])).toEqual(['S1']);
  });

  it('is not known where one of the groups is not, and the silent Slack is left alone for a while', async () => {
    members['S2'] = null;
    const of = memberships();
    expect(await of(['U1'], ['S1', 'S2'])).toBeNull();
    expect(await of(['U1'], ['S1', 'S2'])).toBeNull();
    expect(asked).toEqual(['S1', 'S2']);
    now += 2_000;
    expect(await of(['U1'], ['S1', 'S2'])).toBeNull();
    expect(asked).toEqual(['S1', 'S2', 'S2']);
    expect(await of(['U1'], ['S1'])).toEqual(['S1']);
  });
});

describe('Slack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-usergroups-'));
  let slack: LocalSlack;
  beforeAll(async () => {
    slack = await startLocalSlack({ port: 0, folder });
  }, 60_000);
  afterAll(async () => {
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says who is in a group, that a group is not there, and nothing where it is broken', async () => {
    const list = usergroupLister(slack.apiUrl, slack.botToken);
    expect(await list('S0APPROVE')).toEqual(['UBOB', 'UCAROL']);
    slack.usergroup('S0APPROVE', ['UDAVE']);
    expect(await list('S0APPROVE')).toEqual(['UDAVE']);
    expect(await list('S0GONE')).toEqual([]);
    slack.faults({ method: 'usergroups.users.list', kind: '500', times: 1 });
    await expect(list('S0APPROVE')).rejects.toThrow();
    await expect(usergroupLister(slack.apiUrl, 'xoxb-other')('S0APPROVE')).rejects.toThrow('invalid_auth');
  });

  it('is asked by the check about every group that the policy names', async () => {
    slack.usergroup('S0EMPTY', []);
    const groups = {
      oncall: { usergroup: 'S0ONCALL' },
      gone: { usergroup: 'S0GONE' },
      empty: { usergroup: 'S0EMPTY' },
      storage: { users: ['U1'] },
    };
    expect(await usergroupProblems(slack.apiUrl, slack.botToken, groups)).toEqual([
      'The group gone of policy.yaml is the Slack user group S0GONE, and Slack knows no such group: copy its id from its address in Slack.',
      'The group empty of policy.yaml is the Slack user group S0EMPTY, and nobody is in it.',
    ]);
    slack.faults({ method: 'usergroups.users.list', kind: 'error', error: 'missing_scope', times: 1 });
    expect(
      await usergroupProblems(slack.apiUrl, slack.botToken, { oncall: { usergroup: 'S0ONCALL' } }),
    ).toEqual([
      'The group oncall of policy.yaml is the Slack user group S0ONCALL, and the bot token lacks the scope usergroups:read: add it and install the app again.',
    ]);
  });
});
