import { readdirSync, readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aixReaders } from '../../src/aix/index.js';
import { hmcReaders } from '../../src/hmc/index.js';
import { certificate, generalizedTime, pem, signers } from '../certificates/der.js';
import { aixops, shell, type Ended } from './aixops.js';

interface Case {
  readonly id: string;
  readonly file: string;
  readonly fields?: readonly string[];
  readonly answer?: {
    readonly kind: 'facts' | 'failure';
    readonly facts?: unknown;
    readonly failure?: unknown;
  };
  readonly error?: { readonly line: string };
}

const folder = mkdtempSync(join(tmpdir(), 'aixops-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Facts of every reader, errors and failures of every third: all cases are read elsewhere, here it is the way through
 * the program, and each call takes a third of a second.
 */
const cases = [...aixReaders, ...hmcReaders].flatMap(({ id }, index) => {
  const side = hmcReaders.some((reader) => reader.id === id) ? 'hmc' : 'aix';
  const root = new URL(`../fixtures/${side}/${id}/`, import.meta.url);
  const all = readdirSync(root)
    .filter((name) => name.endsWith('.json'))
    .map((name): Case => {
      const body = JSON.parse(readFileSync(new URL(name, root), 'utf8')) as Case;
      return { ...body, id, file: new URL(name.replace(/json$/, 'txt'), root).pathname };
    });
  const kindOf = (one: Case) => one.answer?.kind ?? 'error';
  const kinds = index % 3 === 0 ? ['facts', 'failure', 'error'] : ['facts'];
  return kinds.flatMap((kind) => {
    const found = all.find((one) => kindOf(one) === kind);
    return found === undefined ? [] : [{ kind, name: `${kind} of ${id}`, found }];
  });
});

function explain(...args: string[]): Promise<Ended> {
  return aixops(['explain', ...args]);
}

describe('explain --json', () => {
  it('has facts of every reader to try, and some failures and errors', () => {
    const of = (kind: string) => cases.filter((one) => one.kind === kind).length;
    expect(of('facts')).toBe(aixReaders.length + hmcReaders.length);
    expect(of('error')).toBeGreaterThan(4);
    expect(of('failure')).toBeGreaterThan(4);
  });

  it.concurrent.each(cases.map((one) => [one.name, one] as const))(
    'prints one document for the %s',
    { timeout: 60_000 },
    async (_name, { kind, found }) => {
      const fields = found.fields === undefined ? [] : ['--fields', found.fields.join(',')];
      const { code, stdout, stderr } = await explain(found.id, found.file, '--json', ...fields);
      const printed = JSON.parse(stdout) as Record<string, unknown>;
      expect(stderr).toBe('');
      if (kind === 'facts') expect(printed).toEqual({ command: found.id, facts: found.answer?.facts });
      if (kind === 'failure') expect(printed).toEqual({ command: found.id, failure: found.answer?.failure });
      if (kind === 'error') {
        const message = expect.stringContaining(found.id) as string;
        const error = { class: 'ParseError', line: found.error?.line, message };
        expect(printed).toEqual({ command: found.id, error });
      }
      expect(code).toBe({ facts: 0, failure: 1, error: 3 }[kind]);
    },
  );
});

const lssrc = [
  'Subsystem         Group            PID          Status ',
  ' ctrmc            rsct             5636392      active',
  ' clcomd           caa                           inoperative',
  '',
].join('\n');
const facts = [
  { name: 'ctrmc', group: 'rsct', pid: 5636392, status: 'active' },
  { name: 'clcomd', group: 'caa', pid: null, status: 'inoperative' },
];

describe.concurrent('explain', { timeout: 60_000 }, () => {
  it('reads standard input when no file is named, and when it is "-"', async () => {
    for (const args of [['lssrc'], ['lssrc', '-']]) {
      const { code, stdout, stderr } = await aixops(['explain', ...args], { input: lssrc });
      expect({ code, stderr, facts: JSON.parse(stdout) as unknown }).toEqual({ code: 0, stderr: '', facts });
    }
  });

  it('takes a prompt line that was pasted along', async () => {
    const { code, stdout } = await aixops(['explain', 'lssrc', '--json'], {
      input: `root@lpar1:/# lssrc -a\n${lssrc}`,
    });
    expect({ code, printed: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      printed: { command: 'lssrc', facts },
    });
  });

  it('says what the command itself said, and that it printed no facts', async () => {
    const input = '0513-085 The ctrmc Subsystem is not on file.\n';
    const { code, stdout, stderr } = await aixops(['explain', 'lssrc'], { input });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe(
      'lssrc itself failed with 0513-085, it printed no facts:\n0513-085 The ctrmc Subsystem is not on file.\n',
    );
  });

  it('names the line that it does not understand, on stderr, with nothing on stdout', async () => {
    const { code, stdout, stderr } = await aixops(['explain', 'lssrc'], {
      input: `${lssrc}\u001b[2Jwhat?\n`,
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(
      /^aixops: not understood, so nothing is concluded from it\. lssrc: .*\(line 4: .*what\?"\)\n$/,
    );
    expect(stderr).not.toContain('\u001b');
  });

  it('sends no control characters of a node to the terminal, and loses none in JSON', async () => {
    const input = 'lpar_id=1,name=a\u009b2J\u202eb\n';
    const { stdout } = await aixops(['explain', 'lssyscfg-lpar', '--json'], { input });
    expect(stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(JSON.parse(stdout)).toEqual({
      command: 'lssyscfg-lpar',
      facts: [{ lpar_id: '1', name: 'a\u009b2J\u202eb' }],
    });
  });

  it('reads bytes that are no UTF-8 as ISO8859-1', async () => {
    const input = Buffer.from('lpar_id=1,name=caf\xe9\n', 'latin1');
    const { code, stdout } = await aixops(['explain', 'lssyscfg-lpar'], { input });
    expect({ code, facts: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      facts: [{ lpar_id: '1', name: 'café' }],
    });
  });

  it('names columns by --fields', async () => {
    const { code, stdout } = await aixops(['explain', 'lssyscfg-lpar', '--fields', 'lpar_id, name'], {
      input: '3,erp1\n',
    });
    expect({ code, facts: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      facts: [{ lpar_id: '3', name: 'erp1' }],
    });
  });

  it('refuses 50 MB of anything soon', { timeout: 60_000 }, async () => {
    const rows = join(folder, 'rows');
    const line = join(folder, 'line');
    writeFileSync(rows, ' ctrmc            rsct             5636392      active\n'.repeat(950_000));
    writeFileSync(line, Buffer.alloc(50_000_000, 'x'));
    for (const file of [rows, line]) {
      const { code, stdout } = await explain('lssrc', file, '--json');
      const { error } = JSON.parse(stdout) as { error: { message: string } };
      expect({ code, message: error.message }).toEqual({
        code: 3,
        message: 'lssrc: more than 8 MiB are no output of this command (line 1: "")',
      });
    }
  });

  it('shows one screen of an endless line', async () => {
    const { code, stderr } = await aixops(['explain', 'lssrc'], { input: 'x'.repeat(1_000_000) });
    expect(code).toBe(3);
    expect(stderr.length).toBeLessThan(1_000);
  });

  it('ends in silence when the reader of its pipe has seen enough', async () => {
    const rows = join(folder, 'many');
    writeFileSync(rows, ' ctrmc            rsct             5636392      active\n'.repeat(50_000));
    const { code, stdout, stderr } = await shell(`aixops explain lssrc ${rows} | head -1; echo "$?"`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '[\n0\n', stderr: '' });
  });
});

describe('explain certificates', () => {
  const text = pem(certificate({ signer: signers().ec, notAfter: generalizedTime('20550102030405Z') }));

  it('reads a file of certificates with the prompt line above it', async () => {
    const input = `root@lpar1:/ # cat /etc/ssl/web.pem\n# the certificate of web\n${text}`;
    const { code, stdout } = await aixops(['explain', 'certificates', '--json'], { input });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'certificates',
      facts: [{ subject: 'CN=web.example', serial: '05', notAfter: '2055-01-02T03:04:05.000Z' }],
    });
  });

  it('names the line where a certificate that is cut off begins', async () => {
    const input = `${text}${text.slice(0, 200)}`;
    const { code, stdout } = await aixops(['explain', 'certificates', '--json'], { input });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { class: 'ParseError', line: '-----BEGIN CERTIFICATE-----' },
    });
  });
});

describe('a call of explain that makes no sense ends with 64 and prints nothing on stdout', () => {
  it.concurrent.each([
    ['an unknown id', ['lsrc'], 'Unknown remote command "lsrc". Did you mean lssrc?\nKnown: certificates, '],
    [
      'a missing file',
      ['lssrc', '/nowhere/at/all'],
      'Reading /nowhere/at/all failed: there is no such file.',
    ],
    ['a folder', ['lssrc', tmpdir()], `Reading ${tmpdir()} failed: it is a folder.`],
    ['no id', [], "Missing required argument 'remote-command'.\nSee aixops explain --help."],
    [
      'an unknown option',
      ['lssrc', '--jsn'],
      "Unknown option '--jsn'. Did you mean --json?\nSee aixops explain --help.",
    ],
    ['two files', ['lssrc', 'a', 'b'], "Too many arguments for 'explain'."],
    [
      'columns of what has none',
      ['lssrc', '--fields', 'a'],
      '--fields is for lssyscfg-lpar, lssyscfg-sys, lssysconn;',
    ],
    [
      'one column twice',
      ['lssyscfg-sys', '--fields', 'name,name'],
      '--fields "name,name" must name each column once',
    ],
    ['an empty column', ['lssyscfg-sys', '--fields', 'name,'], '--fields "name," must name each column once'],
  ])('%s', async (_what, args, words) => {
    const { code, stdout, stderr } = await explain(...args, '--json');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(`aixops: ${words}`);
  });
});
