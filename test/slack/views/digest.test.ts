import type { InputBlock, KnownBlock, ModalView } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attachment, Message } from '../../../src/core/message.js';
import type { Edition } from '../../../src/digest/edition.js';
import type { EditionMarks } from '../../../src/digest/marked.js';
import { digestFile } from '../../../src/slack/views/digest-file.js';
import {
  acknowledgeForm,
  assignForm,
  detailsView,
  saidMeanwhile,
  snoozeForm,
  type FormLine,
} from '../../../src/slack/views/digest-modal.js';
import { digestParent, isQuiet } from '../../../src/slack/views/digest-parent.js';
import { digestThread, isOver, linesAtMost } from '../../../src/slack/views/digest-thread.js';
import { broken, busy, quiet } from '../../digest/days.js';
import { away, build, inDays, node, store, stored } from '../../digest/examples.js';
import { blockProblems } from '../../lab/slack/block-limits.js';
import { checkMessage } from '../block-limits.js';
import { hostileEdition, hostileHush, hostileLine, hostileMarks } from './digest-editions.js';
import { hostileText } from './hostile.js';

const nothing: EditionMarks = new Map();
const place = { line: 'a'.repeat(20), channel: 'C0OPS', threadTs: '1.2', seen: '' };

/** Parent and thread of an edition, in the order in which they are posted. */
function messages(edition: Edition, marks: EditionMarks = nothing): readonly Message[] {
  return [digestParent(edition, marks), ...digestThread(edition, marks).map(({ message }) => message)];
}

function drawn(all: readonly Message[]): string {
  return JSON.stringify(all);
}

/** Throws with everything that Slack would find wrong with a form, or that could ping, link or hide in it. */
function checkForm(view: ModalView): void {
  expect(blockProblems(view.blocks, 'modal', [])).toEqual([]);
  expect(view.title.text.length).toBeLessThanOrEqual(24);
  expect(view.private_metadata?.length ?? 0).toBeLessThanOrEqual(3_000);
  expect(JSON.stringify(view).length).toBeLessThan(250_000);
  // Fields are of our own words but for the choices; what is shown of the line must be as safe as in a message.
  for (const block of view.blocks)
    if (block.type !== 'input') {
      checkMessage(message([block as KnownBlock]));
      expect(/.{0,80}hunter2canary/.exec(JSON.stringify(block))?.[0]).toBeUndefined();
    }
  for (const words of choices(view))
    expect(words).not.toMatch(/[<>&\u0000-\u0008\u000a-\u001f\u202a-\u202e\u200b]|\p{Cs}/u);
}

function message(blocks: readonly KnownBlock[]): Message {
  return { text: 'A form.', blocks };
}

function choices({ blocks }: ModalView): readonly string[] {
  return (blocks as readonly (KnownBlock | InputBlock)[]).flatMap((block) =>
    block.type === 'input' && block.element.type === 'static_select'
      ? (block.element.options ?? []).map(({ text }) => text.text)
      : [],
  );
}

function checkFile({ filename, title, content }: Attachment): void {
  expect(`${filename} ${title}`).toMatch(/^[\w., :-]+$/);
  expect(content).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]|\p{Cs}/u);
  expect(content).not.toContain('hunter2canary');
}

describe('the digest in Slack', () => {
  it('keeps every message within the limits, whatever it is made of', () => {
    fc.assert(
      fc.property(hostileEdition, fc.array(hostileMarks, { maxLength: 5 }), (edition, some) => {
        const marks = new Map(
          edition.lines.flatMap(({ id }, at) => {
            const own = some[at % Math.max(1, some.length)];
            return own === undefined ? [] : [[id, own] as const];
          }),
        );
        for (const one of messages(edition, marks)) {
          checkMessage(one);
          expect(/.{0,80}hunter2canary/.exec(drawn([one]))?.[0]).toBeUndefined();
        }
        checkFile(digestFile(edition));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  }, 240_000);

  it('gives every certificate that it has room for its buttons, and counts the others', () => {
    for (const many of [1, 20, 500]) {
      const names = Array.from({ length: many }, (_, at) => `<!channel> host${at} ${'x'.repeat(400)}`);
      const readings = names.map((name, at) =>
        node(`lpar${at}`, [store('/etc/a.pem', [stored({ name, until: inDays(2) })])]),
      );
      const { edition } = build(readings);
      const parts = digestThread(edition, nothing);
      const buttons = parts.flatMap(({ lines }) => lines);
      expect(buttons).toHaveLength(Math.min(many, linesAtMost));
      for (const { message: one, lines } of parts)
        for (const id of lines) expect(JSON.stringify(one.blocks)).toContain(`"value":"${id}"`);
      expect(isOver(edition)).toBe(many > linesAtMost);
      if (many > linesAtMost)
        expect(drawn(messages(edition))).toContain(`and ${many - linesAtMost} more: see the file`);
      const { content } = digestFile(edition);
      for (const { target } of names.map((_, at) => ({ target: `lpar${at}` })))
        expect(content).toContain(`on ${target} /etc/a.pem`);
      messages(edition).forEach(checkMessage);
    }
  });

  it('keeps the keys of a thread apart, and draws each line in one of its messages alone', () => {
    fc.assert(
      fc.property(hostileEdition, (edition) => {
        const parts = digestThread(edition, nothing);
        const lines = parts.flatMap((part) => part.lines);
        expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
        expect(new Set(lines).size).toBe(lines.length);
        for (const { message: one, lines: own } of parts)
          for (const id of own) expect(JSON.stringify(one.blocks)).toContain(`"value":"${id}"`);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  }, 60_000);
});

describe('the parent message', () => {
  it('is one line without a thread on a quiet day', () => {
    const { edition } = quiet();
    const { text, blocks } = digestParent(edition, nothing);
    expect(isQuiet(edition)).toBe(true);
    expect(text).toBe(
      '✔ *Certificates, Sat 2026-11-21:* 222 certificates on 37 hosts checked, next expiry 2027-03-01. Every target answered.',
    );
    expect(blocks).toHaveLength(1);
    expect(digestThread(edition, nothing)).toEqual([]);
  });

  it('names everything that was not read on a day on which nothing answers, and has no mark of health', () => {
    const { edition } = broken();
    const all = drawn(messages(edition));
    expect(isQuiet(edition)).toBe(false);
    expect(all).toContain('no host could be read');
    expect(all).toContain('*Not checked (23):* lpar1, lpar2');
    expect(all).toContain('and 3 more');
    expect(all).not.toMatch(/✔|Every target answered|all (?:is )?well/i);
    expect(digestFile(edition).content).toContain('lpar23: ');
  });

  it('names one host that was not read among many that are well', () => {
    const many = Array.from({ length: 30 }, (_, at) =>
      node(`lpar${at}`, [store('/a.pem', [stored({ name: `c${at}`, until: inDays(300) })])]),
    );
    const { text } = digestParent(build([...many, away('<!here>lpar99')]).edition, nothing);
    expect(text).toMatch(/^\? /);
    expect(text).toContain('*Not checked (1):* &lt;!here&gt;lpar99.');
    expect(text).not.toContain('Every target answered');
  });

  it('counts on a busy day what is in which band, and says which is the worst', () => {
    const { edition } = busy();
    const { text } = digestParent(edition, nothing);
    expect(text).toMatch(/^✖ \*Certificates, Sat 2026-11-21:\* \*2\* expired, \*1\* within 1 day/);
    expect(text).toContain('Worst: *Example Issuing CA* expired 400 days ago');
    expect(drawn(messages(edition))).not.toContain('<!channel>');
    expect(drawn(messages(edition))).toContain('&lt;!channel&gt;');
  });
});

describe('the parent message in the rich dress', () => {
  const table = (edition: Edition, marks: EditionMarks = nothing) => {
    const { rich = [] } = digestParent(edition, marks);
    expect(blockProblems(rich, 'message', ['data_table'])).toEqual([]);
    return rich.flatMap((block) => (block.type === 'data_table' ? [block] : []));
  };

  it('has a table of the certificates, worst first, whose days sort as numbers', () => {
    const { edition } = busy();
    const [first, ...more] = table(edition);
    expect(more).toEqual([]);
    expect(first?.caption).toMatch(/^\d+ certificates in the digest of 2026-11-21, worst first$/);
    const [header, worst] = first?.rows ?? [];
    const words = (row: typeof header) => row?.map((cell) => ('text' in cell ? cell.text : ''));
    expect(words(header)).toEqual(['Target', 'Certificate', 'Days left', 'Expires (UTC)', 'Owner']);
    expect(words(worst)).toEqual([
      'app01 and 11 more',
      'Example Issuing CA',
      '-400',
      '2025-10-17',
      '@unix-oncall',
    ]);
    expect(worst?.[2]).toMatchObject({ type: 'raw_number', value: -400 });
  });

  it('shows the owner that was assigned since', () => {
    const { edition } = busy();
    const marks = new Map(edition.lines.map(({ id }) => [id, { hush: null, owner: 'Ada', recheck: null }]));
    const [first] = table(edition, marks);
    expect(first?.rows[1]?.at(-1)).toMatchObject({ text: 'Ada' });
  });

  it('says how many have no room in the table', () => {
    const readings = Array.from({ length: 130 }, (_, at) =>
      node(`lpar${at}`, [store('/a.pem', [stored({ name: `c${at}`, until: inDays(2) })])]),
    );
    const { edition } = build(readings);
    const [first] = table(edition);
    const shown = (first?.rows.length ?? 0) - 1;
    expect(shown).toBeGreaterThan(15);
    expect(JSON.stringify(digestParent(edition, nothing).rich)).toContain(
      `and ${130 - shown} more in the thread`,
    );
  });

  it('is the same as the classic one where no certificate is listed', () => {
    for (const { edition } of [quiet(), build([away('lpar1')])])
      expect(digestParent(edition, nothing).rich).toBeUndefined();
  });
});

describe('the forms and details of a line', () => {
  const owners = fc.array(hostileText, { maxLength: 120 });
  const about: fc.Arbitrary<FormLine> = fc.record({
    line: hostileLine,
    at: fc.constant(inDays(0)),
    hush: fc.option(hostileHush),
  });

  it('keep within the limits, whatever they are made of', () => {
    fc.assert(
      fc.property(about, owners, (one, names) => {
        checkForm(acknowledgeForm(one, place, '2026-12-05'));
        checkForm(snoozeForm(one, place));
        checkForm(assignForm(one, place, names));
        checkForm(detailsView(one));
        if (one.hush !== null) expect(saidMeanwhile(one.hush)).not.toMatch(/<(?!@[UW][A-Z0-9]+>)/);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  }, 60_000);

  it('say who has spoken for the line already, and that the new word takes its place', () => {
    const [line] = busy().edition.lines;
    if (line === undefined) throw new Error('no line');
    const hush = {
      ...({ kind: 'acknowledged', by: 'UBOB', reason: 'ordered', band: 'expired', version: 'v' } as const),
      ...{ at: inDays(0), until: '2026-12-05T23:59:59.000Z' },
    };
    const view = acknowledgeForm({ line, at: inDays(0), hush }, place, '2026-12-05');
    expect(JSON.stringify(view)).toContain(
      'Acknowledged by <@UBOB> until 2026-12-05 23:59 UTC: ordered. What you say now takes its place.',
    );
  });
});
