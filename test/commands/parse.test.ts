import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commands,
  findCommand,
  findTopic,
  nearCommand,
  parseArguments,
  type Parsed,
} from '../../commands/index.js';
import { explanationsOf } from '../../commands/command.js';
import { rmcFix } from '../../commands/rmc-fix.js';
import { rmcStatus } from '../../commands/rmc-status.js';
import { rmcErrors } from '../../commands/rmc-errors.js';
import { rsctLevel } from '../../commands/rsct-level.js';
import { aixHelp } from '../../commands/aix-help.js';
import { chooseNodes } from '../../src/inventory/choose.js';
import { growth } from '../cost.js';
import { smallEstate } from './small-estate.js';

const estate = smallEstate();
const status = (text: string): Parsed => parseArguments(rmcStatus, text, estate);
const fix = (text: string): Parsed => parseArguments(rmcFix, text, estate);

function targetsOf(parsed: Parsed): readonly string[] | null {
  return parsed.kind === 'request' && parsed.wish.job === 'diagnose' ? parsed.wish.targets : null;
}

describe('/rmc-status', () => {
  it('asks for a diagnosis of the nodes named', () => {
    expect(status('lpar1 lpar2')).toEqual({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1', 'lpar2'] },
      asked: '/rmc-status lpar1 lpar2',
    });
  });

  it.each([
    ['system:p9-a', ['system:p9-a']],
    ['hmc:hmc1', ['hmc:hmc1']],
    ['cluster:erp', ['cluster:erp']],
    ['tag:env=prod', ['tag:env=prod']],
    ['all', ['all']],
    ['ALL', ['all']],
    ['all lpar1', ['all']],
    ['lpar1, lpar2', ['lpar1', 'lpar2']],
    ['lpar1,lpar2,lpar1', ['lpar1', 'lpar2']],
    ['p9-a', ['system:p9-a']],
    ['erp', ['cluster:erp']],
    ['hmc1', ['hmc:hmc1']],
    ['node:lpar1', ['lpar1']],
    ['System:P9-A', ['system:p9-a']],
  ])('reads %s', (text, targets) => {
    expect(targetsOf(status(text))).toEqual(targets);
  });

  it.each([
    ['<http://lpar1|lpar1>', 'a link made by Slack'],
    ['<https://lpar1/>', 'a link without a label'],
    ['<mailto:lpar1|lpar1>', 'a mail link'],
    ['“lpar1”', 'smart quotes'],
    ['‘lpar1’', 'single smart quotes'],
    ['"lpar1"', 'plain quotes'],
    ['&lt;lpar1&gt;', 'the brackets of the usage line'],
    ['*lpar1*', 'bold'],
    ['`lpar1`', 'code'],
    ['_lpar1_', 'italics'],
    ['~lpar1~', 'strike-through'],
    ['lpar1?', 'a question mark'],
    ['lpar1.', 'a full stop'],
    ['(lpar1)', 'parentheses'],
    ['\u00a0lpar1\u00a0', 'non-breaking blanks'],
    ['\u202flpar1\t\n', 'narrow blanks, tabs and line ends'],
    ['lpar\u200b1', 'a zero-width blank'],
    ['\u202elpar1\u202c', 'a direction override'],
    ['Lpar1', 'the capital of a phone'],
    ['ｌｐａｒ１', 'full-width letters'],
  ])('takes lpar1 out of %s (%s)', (text) => {
    expect(targetsOf(status(text))).toEqual(['lpar1']);
  });

  it('takes the hyphens of phones as plain ones', () => {
    expect(targetsOf(status('erp‑db1'))).toEqual(['erp-db1']);
    expect(targetsOf(status('erp–db1'))).toEqual(['erp-db1']);
  });

  it('asks with a form when nothing is typed', () => {
    for (const text of ['', '   ', '\u00a0', '“”']) expect(status(text)).toEqual({ kind: 'form' });
  });

  it.each(['help', '?', '--help', '—help'])('explains itself on %s', (text) => {
    expect(status(text)).toEqual({ kind: 'help', command: '/rmc-status' });
  });

  it('says what was understood, what was probably meant and what to type', () => {
    expect(status('lpar1 lpra2')).toEqual({
      kind: 'error',
      understood: '/rmc-status lpar1 lpra2',
      message: 'Unknown target "lpra2". Did you mean lpar2?',
      hint: '/rmc-status lpar1 lpar2',
    });
  });

  it('names every word that it does not know, and gives the usage when none is near', () => {
    const parsed = status('xyzzy plugh');
    expect(parsed).toMatchObject({ kind: 'error', hint: '/rmc-status <targets>' });
    expect(parsed.kind === 'error' && parsed.message).toBe('Unknown target "xyzzy". Unknown target "plugh".');
  });

  it('knows the prefixes, also misspelt', () => {
    expect(status('sytem:p9-a')).toMatchObject({ hint: '/rmc-status system:p9-a' });
    expect(status('system:p9-c')).toMatchObject({
      message: expect.stringContaining('Unknown managed system "p9-c"') as string,
    });
    expect(status('tag:env=prd')).toMatchObject({ hint: '/rmc-status tag:env=prod' });
    expect(status('foo:bar')).toMatchObject({
      message: expect.stringContaining('Known are system:') as string,
    });
  });

  it('refuses a group without nodes instead of answering that all are well', () => {
    expect(status('system:p9-empty')).toMatchObject({
      kind: 'error',
      message: 'The inventory has no nodes on system p9-empty.',
    });
  });

  it('finds a node by the first part of its host name, as a question', () => {
    expect(status('<http://lpar1.example.com|lpar1.example.com>')).toMatchObject({
      hint: '/rmc-status lpar1',
    });
  });

  it('logs in everywhere on --deep, reads once on --now, and says both again', () => {
    expect(status('all —deep')).toEqual({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['all'], deep: true },
      asked: '/rmc-status all --deep',
    });
    expect(status('--now lpar1')).toEqual({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'], now: true },
      asked: '/rmc-status lpar1 --now',
    });
  });

  it('refuses flags that it does not know', () => {
    expect(status('lpar1 —fast')).toEqual({
      kind: 'error',
      understood: '/rmc-status lpar1 --fast',
      message: '/rmc-status knows no --fast.',
      hint: '/rmc-status lpar1',
    });
    expect(status('all --dep --now')).toMatchObject({
      kind: 'error',
      message: '/rmc-status knows no --dep. Did you mean --deep?',
      hint: '/rmc-status all --now --deep',
    });
    expect(fix('lpar1 --deep')).toMatchObject({ kind: 'error', hint: '/rmc-fix lpar1' });
    expect(status('lpar1 --within 30d')).toMatchObject({ kind: 'error', hint: '/rmc-status lpar1' });
  });
});

describe('/rmc-errors', () => {
  const errors = (text: string): Parsed => parseArguments(rmcErrors, text, estate);

  it('reads what is named, and asks with a form where nothing is', () => {
    expect(errors('lpar1 lpar2')).toEqual({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'rmc-errors', targets: ['lpar1', 'lpar2'] },
      asked: '/rmc-errors lpar1 lpar2',
    });
    expect(errors('')).toEqual({ kind: 'form' });
    expect(errors('lpar22')).toMatchObject({ kind: 'error', hint: '/rmc-errors lpar2' });
    expect(errors('lpar1 --deep')).toMatchObject({ kind: 'error', hint: '/rmc-errors lpar1' });
  });
});

describe('/rsct-level', () => {
  const level = (text: string): Parsed => parseArguments(rsctLevel, text, estate);

  it('reads all where nothing is named', () => {
    expect(level('')).toEqual({
      kind: 'request',
      wish: { job: 'diagnose', diagnostic: 'rsct-level', targets: ['all'] },
      asked: '/rsct-level',
    });
  });

  it('reads what is named, and minds its spelling', () => {
    expect(targetsOf(level('pvs1 system:p9-a'))).toEqual(['pvs1', 'system:p9-a']);
    expect(level('lpar22')).toMatchObject({ kind: 'error', hint: '/rsct-level lpar2' });
    expect(level('lpar1 --deep')).toMatchObject({ kind: 'error', hint: '/rsct-level lpar1' });
  });

  it('says so where there is nothing to read', () => {
    const nobody = { ...estate, inventory: { ...estate.inventory, nodes: new Map() } };
    expect(parseArguments(rsctLevel, '', nobody)).toMatchObject({
      kind: 'error',
      message: 'The inventory has no nodes yet.',
    });
  });
});

describe('/rmc-fix', () => {
  it('asks for a proposal of the fix named', () => {
    expect(fix('lpar1 rmc-restart')).toEqual({
      kind: 'request',
      wish: { job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1' },
      asked: '/rmc-fix lpar1 rmc-restart',
    });
  });

  it('diagnoses first when no fix is named, and says so', () => {
    const parsed = fix('lpar1');
    expect(targetsOf(parsed)).toEqual(['lpar1']);
    expect(parsed.kind === 'request' && parsed.asked).toMatch(
      /^\/rmc-fix lpar1 \(no fix was named: .*buttons\)$/,
    );
  });

  it('takes one LPAR where no fix is named, never a group', () => {
    for (const text of ['all', 'lpar1 lpar2', 'tag:env=prod', 'p9-a']) expect(fix(text).kind).toBe('error');
    expect(fix('lpar1 lpar2')).toMatchObject({
      message: expect.stringContaining('That means 2 targets, and no fix was named') as string,
      hint: '/rmc-status lpar1 lpar2',
    });
  });

  it('does not take a fix of another family, or one that does not exist', () => {
    expect(fix('lpar1 clcomd-start')).toMatchObject({ kind: 'error' });
    expect(fix('lpar1 rmc-restrat')).toMatchObject({ kind: 'error', hint: '/rmc-fix lpar1 rmc-restart' });
  });

  it('refuses more words than it takes', () => {
    expect(fix('lpar1 rmc-restart lpar2')).toMatchObject({
      kind: 'error',
      message: 'rmc-restart takes no words, and "lpar2" was typed.',
      hint: '/rmc-fix lpar1 rmc-restart',
    });
  });
});

describe('several targets before a fix', () => {
  it('make a roll-out, in the order in which they were typed', () => {
    expect(fix('lpar2 system:p9-b rmc-restart')).toEqual({
      kind: 'request',
      wish: { job: 'propose-rollout', fix: 'rmc-restart', targets: ['lpar2', 'system:p9-b'] },
      asked: '/rmc-fix lpar2 system:p9-b rmc-restart (a roll-out over 2 targets, in waves)',
    });
    expect(fix('All rmc-restart')).toMatchObject({ wish: { job: 'propose-rollout', targets: ['all'] } });
  });

  it('are one target where they mean one', () => {
    expect(fix('lpar1 LPAR1 rmc-restart')).toMatchObject({
      wish: { job: 'propose-fix', target: 'lpar1' },
      asked: '/rmc-fix lpar1 rmc-restart',
    });
    expect(fix('system:p9-b rmc-restart')).toMatchObject({ wish: { job: 'propose-fix', target: 'erp-db1' } });
  });

  it('are put right where one is misspelt', () => {
    expect(fix('lpar1 lpra2 rmc-restart')).toMatchObject({
      kind: 'error',
      hint: '/rmc-fix lpar1 lpar2 rmc-restart',
    });
    expect(fix('lpar1 lpar2 rmc-restrat')).toMatchObject({
      kind: 'error',
      hint: '/rmc-fix lpar1 lpar2 rmc-restart',
    });
  });

  it('are refused for a fix that is never rolled out, and for more than one approver can look through', () => {
    expect(fix('lpar2 lpar1 rsct-rebuild -n')).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('rsct-rebuild is high risk') as string,
      hint: '/rmc-fix lpar2 rsct-rebuild -n',
    });
    const [one] = estate.inventory.nodes.values();
    const many = Array.from({ length: 201 }, (_, n) => `n${n}`);
    const nodes = new Map(
      many.flatMap((name) => (one === undefined ? [] : [[name, { ...one, name }] as const])),
    );
    const wide = { ...estate, inventory: { ...estate.inventory, nodes } };
    expect(parseArguments(rmcFix, 'all rmc-restart', wide)).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('201 targets; one roll-out takes at most 200') as string,
    });
  });

  it('keep a reason and a ticket', () => {
    expect(fix('lpar1 lpar2 rmc-restart --reason "after the switch change"')).toMatchObject({
      wish: { job: 'propose-rollout', grounds: { reason: 'after the switch change' } },
    });
  });
});

describe('the words behind a fix', () => {
  it('come into the wish in the form in which the plan keeps them', () => {
    expect(fix('lpar1 rsct-rebuild -i 0xABCDEF0123')).toEqual({
      kind: 'request',
      wish: { job: 'propose-fix', fix: 'rsct-rebuild', target: 'lpar1', args: ['-i', 'abcdef0123'] },
      asked: '/rmc-fix lpar1 rsct-rebuild -i abcdef0123',
    });
    const text = 'lpar1 rsct-rebuild –n —delete-cluster0 —reason “c-7 brought it back”';
    expect(fix(text)).toMatchObject({
      wish: { args: ['-n', '--delete-cluster0', '--reason', 'c-7 brought it back'] },
    });
  });

  it('are put right where they nearly fit', () => {
    expect(fix('lpar1 rsct-rebuild -I abcdef0123')).toMatchObject({
      kind: 'error',
      hint: '/rmc-fix lpar1 rsct-rebuild -i abcdef0123',
    });
    expect(fix('lpar1 rsct-rebuild --deep')).toMatchObject({ kind: 'error' });
    expect(fix('lpar1 --delete-cluster0 rsct-rebuild')).toMatchObject({
      kind: 'error',
      hint: '/rmc-fix lpar1',
    });
  });

  it('are explained by help', () => {
    expect(fix('lpar1 rsct-rebuild --help')).toEqual({ kind: 'help', command: '/rmc-fix' });
    expect(explanationsOf(rmcFix).join('\n')).toMatch(
      /rsct-rebuild -n \| -i ID[\s\S]*-n gives the node a new node ID/,
    );
  });
});

describe('/aix-help', () => {
  it('lists everything, or explains one command', () => {
    expect(parseArguments(aixHelp, '', estate)).toEqual({ kind: 'help', command: null });
    expect(parseArguments(aixHelp, '/rmc-status', estate)).toEqual({ kind: 'help', command: 'rmc-status' });
    expect(parseArguments(aixHelp, 'help', estate).kind).toBe('help');
  });

  it('knows findings and fixes too', () => {
    const asked = parseArguments(aixHelp, 'RMC.Port-Blocked', estate);
    expect(asked).toEqual({ kind: 'help', command: 'rmc.port-blocked' });
    expect(findTopic('rmc.port-blocked')).toMatchObject({ summary: 'A finding of rmc: crit' });
    expect(findTopic('rmc.port-blocked')?.details.join('\n')).toContain('No fix is offered');
    expect(findTopic('rmc.drm-down')?.details.at(-1)).toBe('Fixes that may cure it: rmc-restart');
    expect(findTopic('rsct-rebuild')).toMatchObject({
      summary: expect.stringContaining('high risk') as string,
    });
    for (const word of ['', 'rmc', 'constructor', '__proto__', 'rmc.nonsense'])
      expect(findTopic(word)).toBeNull();
  });
});

describe('the registry', () => {
  it('finds a command with and without its slash, and one that is nearly right', () => {
    expect(findCommand('rmc-status')).toBe(rmcStatus);
    expect(findCommand('/RMC-Status')).toBe(rmcStatus);
    expect(findCommand('rmc')).toBeNull();
    expect(nearCommand('rmc-staus')).toBe('/rmc-status');
    expect(nearCommand('weather')).toBeNull();
  });

  it('keeps to the lengths that Slack allows', () => {
    for (const one of commands) {
      expect(one.name.length).toBeLessThanOrEqual(32);
      expect(one.name).toMatch(/^\/[a-z][a-z-]*$/);
    }
  });

  it.each(commands.flatMap((one) => one.examples.map((example) => [example, one] as const)))(
    'understands its own example %s, given such names',
    (example, one) => {
      const parsed = parseArguments(one, example.slice(one.name.length), estate);
      expect(['request', 'deed', 'help']).toContain(parsed.kind);
    },
  );
});

describe('hostile text', () => {
  const known = new Set([
    'all',
    ...estate.inventory.nodes.keys(),
    'system:p9-a',
    'system:p9-b',
    'hmc:hmc1',
    'cluster:erp',
    'erp',
    'tag:env=prod',
    'tag:env=test',
  ]);
  const nasty = fc.constantFrom(
    '$(reboot)',
    '`id`',
    ';',
    '|',
    '&&',
    '\n',
    '\0',
    '<!channel>',
    '<@U1>',
    '../',
    "'",
    '"',
    '--',
    '=',
    ':',
    ',',
    ' ',
    'lpar1',
    'all',
    'system:',
    'tag:env=',
    '__proto__',
    'constructor',
    'toString',
    '\u202e',
    '\u200b',
    '&amp;',
    '&lt;',
    '<http://x|',
    '>',
    'rmc-restart',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join(' ')),
  );

  it('never becomes a wish with a target that is not in the inventory', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), text, (one, typed) => {
        const parsed = parseArguments(one, typed, estate);
        if (parsed.kind !== 'request') return;
        const { wish } = parsed;
        if (wish.job === 'diagnose') {
          for (const target of wish.targets) expect(known.has(target)).toBe(true);
          expect(chooseNodes(estate.inventory, wish.targets)).not.toEqual([]);
        }
        if (wish.job === 'propose-fix') {
          const isCluster = wish.fix.startsWith('clcomd-');
          expect(estate.inventory[isCluster ? 'clusters' : 'nodes'].has(wish.target)).toBe(true);
          expect(estate.fixes.some((each) => each.id === wish.fix)).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('is answered in time, however long it is', () => {
    for (const piece of ['<', '<a|', '*', ')', '"', "'", '--a ', 'tag:', '&lt;', 'x', '\ud800', ',']) {
      expect(
        growth((scale) => parseArguments(rmcStatus, piece.repeat(scale * 10_000), estate)),
        piece,
      ).toBeLessThan(24);
    }
  });
});

describe('why a change is asked for', () => {
  const wishOf = (text: string) => {
    const parsed = fix(text);
    return parsed.kind === 'request' ? parsed.wish : parsed;
  };

  it('is taken out of the line in quotes, or to its end, wherever it stands', () => {
    const grounds = { reason: 'DLPAR hangs, as on Monday', ticket: 'CHG0001234' };
    for (const text of [
      'lpar1 rmc-restart --reason “DLPAR hangs, as on Monday” --ticket CHG0001234',
      'lpar1 --ticket CHG0001234 rmc-restart --reason DLPAR hangs, as on Monday',
    ])
      expect(wishOf(text)).toEqual({ job: 'propose-fix', fix: 'rmc-restart', target: 'lpar1', grounds });
  });

  it('stays a word of the fix where the fix has one of that name, and counts as the reason too', () => {
    expect(wishOf('lpar1 rsct-rebuild -n --reason cloned --ticket CHG1')).toMatchObject({
      args: ['-n', '--reason', 'cloned'],
      grounds: { reason: 'cloned', ticket: 'CHG1' },
    });
    expect(wishOf('lpar1 rsct-rebuild -n')).not.toHaveProperty('grounds');
  });

  it('is kept without secrets of known shapes, and shown again in the line', () => {
    const parsed = fix('lpar1 rmc-restart --reason "password=hunter22 does not work"');
    expect(JSON.stringify(parsed)).not.toContain('hunter22');
    expect(parsed).toMatchObject({ asked: expect.stringContaining('--reason "password=') as string });
  });

  it('is asked for again where it says nothing', () => {
    expect(fix('lpar1 rmc-restart --reason "x"')).toMatchObject({ kind: 'error' });
    expect(fix('lpar1 rmc-restart --ticket')).toMatchObject({ kind: 'error' });
  });
});
