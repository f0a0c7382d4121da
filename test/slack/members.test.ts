import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Standing } from '../../src/policy/standing.js';
import { createStandings, memberAsker } from '../../src/slack/members.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { demoWorkspace } from '../lab/slack/workspace.js';

const minute = 60_000;

/** A cache over answers that a test sets, with a clock that a test moves. */
function standings() {
  const asked: string[] = [];
  const state = { nowMs: 0, answer: (): Promise<Exclude<Standing, 'unknown'>> => Promise.resolve('member') };
  const standingOf = createStandings({
    ask: (user) => {
      asked.push(user);
      return state.answer();
    },
    clock: () => state.nowMs,
    log: { warn: () => undefined },
  });
  return { asked, state, standingOf };
}

describe('whom Slack counts as a member', () => {
  it('asks once for all who wait, and again after five minutes', async () => {
    const { asked, state, standingOf } = standings();
    await Promise.all([standingOf('UBOB'), standingOf('UBOB'), standingOf('UCAROL')]);
    expect(asked).toEqual(['UBOB', 'UCAROL']);
    state.nowMs = 5 * minute - 1;
    state.answer = () => Promise.resolve('guest');
    expect(await standingOf('UBOB')).toBe('member');
    state.nowMs = 5 * minute;
    expect(await standingOf('UBOB')).toBe('guest');
  });

  it('lets the last answer hold for half an hour while Slack says nothing, and then knows nothing', async () => {
    const { asked, state, standingOf } = standings();
    await standingOf('UBOB');
    state.answer = () => Promise.reject(new Error('away'));
    state.nowMs = 29 * minute;
    expect(await standingOf('UBOB')).toBe('member');
    expect(await standingOf('UBOB')).toBe('member');
    expect(asked).toHaveLength(2);
    state.nowMs = 31 * minute;
    expect(await standingOf('UBOB')).toBe('unknown');
    expect(await standingOf('UNEVER')).toBe('unknown');
    state.answer = () => Promise.resolve('member');
    expect(await standingOf('UBOB')).toBe('unknown');
    state.nowMs += 2_000;
    expect(await standingOf('UBOB')).toBe('member');
  });
});

describe('what Slack says of people', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aixops-members-'));
  let slack: LocalSlack;
  beforeAll(async () => {
    const { users, ...workspace } = demoWorkspace();
    const more = [
      { id: 'UGINA', name: 'gina', realName: 'Gina', email: 'g@example.com', isGuest: true },
      { id: 'UFRED', name: 'fred', realName: 'Fred', email: 'f@example.com', teamId: 'T0OTHER' },
    ];
    slack = await startLocalSlack({
      port: 0,
      folder,
      workspace: { ...workspace, users: [...users, ...more] },
    });
  });
  afterAll(async () => {
    await slack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells members, guests and people of other workspaces apart', async () => {
    const ask = memberAsker(slack.apiUrl, slack.botToken);
    expect(await Promise.all(['UBOB', 'UGINA', 'UFRED'].map(ask))).toEqual(['member', 'guest', 'outside']);
  });

  it('rejects for somebody whom Slack does not know, and for a token that it does not take', async () => {
    await expect(memberAsker(slack.apiUrl, slack.botToken)('UNOBODY')).rejects.toThrow(/user_not_found/);
    await expect(memberAsker(slack.apiUrl, 'xoxb-of-another')('UBOB')).rejects.toThrow(/invalid_auth/);
  });
});
