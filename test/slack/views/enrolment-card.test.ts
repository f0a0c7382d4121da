import { describe, expect, it } from 'vitest';
import type { Candidate, Enrolment, EnrolmentState } from '../../../src/approval/enrolment.js';
import type { PinnedKey } from '../../../src/core/host-key.js';
import { enrolmentCard } from '../../../src/slack/views/enrolment-card.js';
import { checkMessage } from '../block-limits.js';

const nasty = `<!channel> @here <https://evil.example|x> *b* \`c\` \u202e${'y'.repeat(4_000)}`;
const states: readonly EnrolmentState[] = [
  ...(['shown', 'pinned', 'rejected'] as const),
  ...(['expired', 'outdated', 'nothing-to-pin'] as const),
];

function key(n: number): PinnedKey {
  return { type: 'ecdsa-sha2-nistp521', fingerprint: `SHA256:${String(n).padStart(43, 'k')}`, key: 'AAAA' };
}

function candidate(n: number, over: Partial<Candidate> = {}): Candidate {
  return {
    ...{ target: `lpar${n}`, host: `10.0.0.${n}`, port: 22, kind: 'node', through: null },
    ...{ keys: [key(3 * n), key(3 * n + 1), key(3 * n + 2)], inFile: [], replaces: null },
    ...over,
  };
}

function enrolment(over: Partial<Enrolment> = {}): Enrolment {
  return {
    ...{ id: 'e-1', version: 1, state: 'shown', kind: 'first', asked: '/enrol lpar1', remaining: 0 },
    ...{ candidates: [candidate(1)], notes: [], requester: 'UALICE', approvals: [], approvalsNeeded: 1 },
    ...{ createdAt: '2026-11-21T08:00:00Z', expiresAt: '2026-11-21T09:00:00Z', channel: 'C1', teamId: 'T1' },
    ...{ threadTs: null, cardKey: 'request:1', ended: null },
    ...over,
  };
}

const replaces = {
  enrolment: 'e-0',
  keys: [key(90)],
  requester: 'UALICE',
  approvers: ['UBOB', 'UCAROL'],
  at: '2026-11-20T08:00:00Z',
};

describe('the card of host keys', () => {
  it.each(states)(
    'keeps to the limits of Slack, however long and nasty names and errors are: %s',
    (state) => {
      const long = { target: nasty, host: nasty, through: nasty };
      const candidates = Array.from({ length: 20 }, (_, n) => candidate(n, { ...long, replaces }));
      const notes = Array.from({ length: 20 }, () => ({
        ...{ target: nasty, kind: 'not-fetched', words: nasty },
      })) as Enrolment['notes'];
      const ended = { by: 'UBOB', at: '2026-11-21T08:10:00Z', note: nasty };
      const full = { state, candidates: candidates.slice(0, 10), asked: nasty, remaining: 3_000, ended };
      for (const one of [
        { ...full, notes: notes.slice(0, 10) },
        { ...full, candidates: [], notes },
      ]) {
        const message = enrolmentCard(enrolment(one), 'anyone');
        checkMessage(message);
        expect(JSON.stringify(message)).not.toMatch(/<!channel>|<https/);
      }
    },
  );

  it('shows every key of 20 hosts with three keys each, for all of them are pinned by one click', () => {
    const candidates = Array.from({ length: 20 }, (_, n) =>
      candidate(n, { kind: 'hmc', through: 'bastion1' }),
    );
    const message = enrolmentCard(enrolment({ candidates }), 'anyone but who asked for it');
    checkMessage(message);
    const blocks = JSON.stringify(message.blocks);
    for (let n = 0; n < 60; n += 1) expect(blocks).toContain(key(n).fingerprint);
  });

  it('shows a changed key loudly, both fingerprints, and what pinning it means', () => {
    const changed = enrolment({
      kind: 'changed',
      approvalsNeeded: 2,
      candidates: [candidate(1, { replaces })],
    });
    const { text, blocks } = enrolmentCard(changed, 'anyone');
    expect(text).toMatch(/^\*✖ THE HOST KEY HAS CHANGED — lpar1\*\n2 approvals needed/);
    expect(text).toMatch(/somebody is in between and wants our login/);
    for (const { fingerprint } of [...replaces.keys, ...candidate(1).keys])
      expect(text).toContain(fingerprint);
    expect(JSON.stringify(blocks)).toMatch(/"action_id":"enrol-pin".*replace the pinned key/);
  });

  it('has buttons only while something can be decided, and they carry the id and nothing else', () => {
    for (const state of states) {
      const blocks = JSON.stringify(enrolmentCard(enrolment({ state }), 'anyone').blocks);
      const values = [...blocks.matchAll(/"value":"([^"]*)"/g)].map((match) => match[1]);
      expect(values).toEqual(state === 'shown' ? ['e-1', 'e-1'] : []);
    }
  });
});
