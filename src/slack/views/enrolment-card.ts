import type { KnownBlock } from '@slack/types';
import type { Candidate, Enrolment, EnrolmentNote, EnrolmentState } from '../../approval/enrolment.js';
import type { PinnedKey } from '../../core/host-key.js';
import type { Message } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { actions, button, context, message, section } from './dress.js';
import { clip, clipMrkdwn, code, escapeText, oneLine, plural } from './text.js';
import { when } from './time.js';
import { marks, person, sentence } from './words.js';

/** The card of host keys: a view of its state, redrawn after each move. `approversHint` is ready mrkdwn made by us. */
export function enrolmentCard(enrolment: Enrolment, approversHint: string): Message {
  const { candidates, notes } = enrolment;
  const lead = [headline(enrolment), ...leadLines(enrolment, approversHint)];
  const hosts = candidates.map((one) => hostText(one, enrolment));
  const told = notes.map(noteText);
  const after = [...compareLines(enrolment), ...remainingLines(enrolment)];
  const buttons = enrolment.state === 'shown' ? [actions(buttonsOf(enrolment))] : [];
  return message({
    text: [...lead, ...hosts, ...told, ...after].join('\n'),
    // Every key that a click pins is on the card; what else is told gives way where there is no room.
    first: [section(lead.join('\n')), ...hosts.map((text) => section(text))],
    asRoomAllows: told.map((text) => section(text)),
    leftOut: (n) =>
      context(
        `… and ${plural(n, 'more host')} of which nothing can be pinned: ask for fewer at once to read why.`,
      ),
    last: [...(after.length === 0 ? [] : [section(after.join('\n'))]), ...buttons, identity(enrolment)],
  });
}

const heads: Readonly<Record<EnrolmentState, string>> = {
  shown: '◇ Approval needed: host keys to pin',
  pinned: `${marks.ok} Host keys pinned`,
  rejected: '○ Rejected: no host key was pinned',
  expired: '○ Expired: no host key was pinned',
  outdated: '○ Out of date: no host key was pinned',
  'nothing-to-pin': '○ No host key to pin',
};

function headline({ state, kind, candidates }: Enrolment): string {
  const [only] = candidates;
  const where =
    candidates.length === 1 && only !== undefined ? ` — ${escapeText(clip(only.target, 60))}` : '';
  const many = candidates.length > 1 ? ` — ${plural(candidates.length, 'host')}` : '';
  if (kind === 'first') return `*${heads[state]}${where}${many}*`;
  if (state === 'shown') return `*${marks.crit} THE HOST KEY HAS CHANGED${where}*`;
  return `*${state === 'pinned' ? `${marks.ok} Changed host key replaced` : `${heads[state]} (changed key)`}${where}*`;
}

function leadLines(enrolment: Enrolment, hint: string): readonly string[] {
  const { state, kind, ended, candidates } = enrolment;
  if (state === 'nothing-to-pin')
    return enrolment.notes.length === 0
      ? ['Every host that was asked for has a pinned key. Nothing was changed.']
      : [];
  if (state !== 'shown') {
    const by = ended === null || ended.by === 'worker' ? '' : ` by ${person(ended.by)}`;
    const at = ended === null ? '' : ` ${when(ended.at)}`;
    const what =
      state === 'pinned' ? pinnedWords(enrolment) : sentence(clip(escapeText(ended?.note ?? ''), 600));
    return [what, `${capital(state)}${by}${at}.`];
  }
  const lead = approvalsWanted(enrolment, hint);
  if (kind === 'first')
    return [
      lead,
      `Pinned now: nothing, neither in a file nor from Slack. Whoever pins says that these are the keys of ${candidates.length === 1 ? 'this host' : 'these hosts'}: a wrong one lets a stranger in between, with our login.`,
    ];
  return [
    lead,
    'aixops stays away from it until this is decided. Either the system was reinstalled, or its address now belongs to another ' +
      'one, or *somebody is in between and wants our login*. Ask its owner what was done, and compare on its console. Pinning ' +
      'gives this key every trust that the old one had; the old one is good for nothing from then on.',
  ];
}

function pinnedWords({ candidates, kind }: Enrolment): string {
  const names = candidates.map(({ target }) => code(clip(target, 60))).join(', ');
  return kind === 'changed'
    ? `${names}: the new key counts in place of the old one, from the next connection on.`
    : `Every worker trusts the keys below from its next connection on: ${names}.`;
}

function approvalsWanted({ approvals, approvalsNeeded, requester }: Enrolment, hint: string): string {
  const from = `from ${clipMrkdwn(hint.replace(/<!(?=channel|here|everyone)/gi, '&lt;!'), 400)}, not from ${person(requester)}`;
  if (approvals.length === 0) return `${plural(approvalsNeeded, 'approval')} needed ${from}.`;
  const by = approvals.map(({ user, at }) => `${person(user)} ${when(at)}`).join(', ');
  return `${approvals.length} of ${approvalsNeeded} approvals given (${by}); the rest ${from}.`;
}

function hostText(candidate: Candidate, { kind, state }: Enrolment): string {
  const { target, host, port, through, keys, inFile, replaces } = candidate;
  const way = through === null ? '' : ` through jump host ${escapeText(clip(through, 60))}`;
  const what = candidate.kind === 'node' ? '' : `${candidate.kind === 'hmc' ? 'HMC' : 'jump host'} `;
  const head = `${what}*${escapeText(clip(target, 60))}* (${code(`${clip(host, 64)}:${port}`)}${way})`;
  const old =
    replaces === null
      ? []
      : [
          `${state === 'pinned' ? 'Pinned before' : 'Pinned now'}, from Slack ${pinnedBy(replaces)}:`,
          ...keyLines(replaces.keys),
        ];
  const file = inFile.length === 0 ? [] : ['In its known_hosts file:', ...keyLines(inFile)];
  const presents = kind === 'changed' ? ['*Presented instead:*'] : [];
  return [head, ...old, ...file, ...presents, ...keyLines(keys)].join('\n');
}

function pinnedBy({ requester, approvers, at }: NonNullable<Candidate['replaces']>): string {
  return `${when(at)} by ${approvers.map(person).join(', ')} for ${person(requester)}`;
}

function keyLines(keys: readonly PinnedKey[]): readonly string[] {
  return keys.map(({ type, fingerprint }) => `• ${code(clip(type, 60))} ${code(clip(fingerprint, 80))}`);
}

function noteText({ target, kind, words }: EnrolmentNote): string {
  const mark = { pinned: marks.ok, 'not-fetched': marks.unknown, refused: marks.crit }[kind];
  return `${mark} *${escapeText(clip(target, 60))}*: ${sentence(clip(escapeText(redact(oneLine(words))), 700))}`;
}

function compareLines({ state, candidates }: Enrolment): readonly string[] {
  if (state !== 'shown') return [];
  const nodes = candidates.some(({ kind }) => kind !== 'hmc')
    ? [
        `*Compare* on the host's own console: ${code('for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done')}`,
      ]
    : [];
  const hmcs = candidates.some(({ kind }) => kind === 'hmc')
    ? [
        `*Compare* an HMC, whose shell does not show its keys, with a system that has trusted it for long: ${code('ssh-keygen -lF ADDRESS')}`,
      ]
    : [];
  return [...nodes, ...hmcs];
}

function remainingLines({ remaining }: Enrolment): readonly string[] {
  if (remaining === 0) return [];
  return [
    `${plural(remaining, 'more host')} without a pinned key: type the command again when these are decided.`,
  ];
}

function buttonsOf({ id, kind, candidates }: Enrolment): ReturnType<typeof button>[] {
  const where = candidates.length === 1 ? (candidates[0]?.target ?? '') : `${candidates.length} hosts`;
  const pin =
    kind === 'changed'
      ? button('enrol-pin', 'I compared it: replace the pinned key', id, {
          style: 'danger',
          label: `Replace the pinned host key of ${where}`,
        })
      : button('enrol-pin', candidates.length === 1 ? 'Pin' : `Pin all ${candidates.length}`, id, {
          style: 'primary',
          label: `Pin exactly the keys shown for ${where}`,
        });
  return [pin, button('enrol-reject', 'Reject', id, { label: `Pin nothing for ${where}` })];
}

function identity({ id, state, asked, requester, createdAt, expiresAt, approvals }: Enrolment): KnownBlock {
  const given = approvals.map(({ user, at }) => `${person(user)} ${when(at)}`);
  const parts = [
    `Asked by ${person(requester)} ${when(createdAt)}: ${code(clip(asked, 200))}`,
    ...(state === 'shown' || given.length === 0 ? [] : [`approved by ${given.join(', ')}`]),
    ...(state === 'shown'
      ? [`expires ${when(expiresAt)}`, 'nothing is fetched again: what is shown is what is pinned']
      : []),
    code(clip(id, 60)),
  ];
  return context(parts.join(' · '));
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
