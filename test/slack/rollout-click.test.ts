import { describe, expect, it } from 'vitest';
import type { ClickPayload } from '../../src/slack/payloads.js';
import { isRolloutAction, rolloutClick } from '../../src/slack/rollout-click.js';
import { rolloutActions, type RolloutAction } from '../../src/slack/rollout-tools.js';
import { sentences } from '../../src/slack/sentences.js';
import { recordingTools } from './recording-tools.js';

let deliveries = 0;

function press(value: string, user = 'UBOB'): ClickPayload {
  deliveries += 1;
  const arrival = { key: `slack:${deliveries}`, teamId: 'T1', channel: 'C1', user, threadTs: '1.2' };
  return { arrival, value, action: '', inThread: null, triggerId: 't', surface: 'message' } as ClickPayload;
}

describe('a click on the card of a roll-out', () => {
  it.each([
    ['rollout-approve', 'decideRollout', ['o-1', 'approve', { user: 'UBOB', channel: 'C1' }]],
    ['rollout-reject', 'decideRollout', ['o-1', 'reject', { user: 'UBOB', channel: 'C1' }]],
    ['rollout-withdraw', 'decideRollout', ['o-1', 'withdraw', { user: 'UBOB', channel: 'C1' }]],
    ['rollout-stop', 'stopRollout', ['o-1', { user: 'UBOB', channel: 'C1' }]],
    ['rollout-rest', 'proposeRest', ['o-1', { teamId: 'T1', channel: 'C1', user: 'UBOB', threadTs: '1.2' }]],
  ] as const)('%s asks the desk, with who pressed it and where', async (action, name, args) => {
    const to = recordingTools();
    await rolloutClick(press('o-1'), action, to);
    expect(to.calls.map((call) => call.name)).toEqual([name]);
    expect(to.calls[0]?.args.slice(0, args.length)).toEqual(args);
  });

  it('knows its own buttons and no others', () => {
    expect(rolloutActions.every(isRolloutAction)).toBe(true);
    expect(['approve', 'cancel', 'rollout', ''].some(isRolloutAction)).toBe(false);
  });

  it('is answered where its id is not one of ours, or not known any more', async () => {
    const to = recordingTools();
    for (const action of rolloutActions)
      for (const id of ['', 'o 1', '../x', 'x'.repeat(81)])
        expect(await rolloutClick(press(id), action, to)).toMatchObject({ plain: sentences.gone });
    expect(to.calls).toEqual([]);
    to.rolloutAnswers = { stop: () => Promise.resolve(null) };
    expect(await rolloutClick(press('o-1'), 'rollout-stop', to)).toMatchObject({ plain: sentences.gone });
  });

  it('counts once when it is delivered twice', async () => {
    const to = recordingTools();
    const click = press('o-1');
    await rolloutClick(click, 'rollout-stop', to);
    expect(await rolloutClick(click, 'rollout-stop', to)).toEqual({ kind: 'repeated' });
    expect(to.calls).toHaveLength(1);
  });

  it('proposes the rest once, whoever presses, and again where nothing came of it', async () => {
    const to = recordingTools();
    const rest: RolloutAction = 'rollout-rest';
    to.rolloutAnswers = {
      proposeRest: () => Promise.resolve({ kind: 'refused', sentence: 'You may not propose here.' }),
    };
    expect(await rolloutClick(press('o-1'), rest, to)).toMatchObject({ plain: 'You may not propose here.' });
    to.rolloutAnswers = {};
    await rolloutClick(press('o-1'), rest, to);
    expect(await rolloutClick(press('o-1', 'UEVE'), rest, to)).toMatchObject({ plain: sentences.restTaken });
    expect(to.named('proposeRest')).toHaveLength(2);
  });
});
