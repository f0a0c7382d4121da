import { describe, expect, it } from 'vitest';
import type { ErrorEntry } from '../../../src/aix/errpt.js';
import type { ErrorInfo } from '../../../src/core/errors.js';
import type { FactSet } from '../../../src/core/fact.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import type { Collected, Reached } from '../../../src/runbooks/definition.js';
import { rmcErrors } from '../../../src/runbooks/diagnostics/rmc-errors.js';
import { lpar1, readingOf } from '../cases.js';

type FactFile = Parameters<typeof readingOf>[2];

const noon = Date.UTC(2026, 10, 10, 12, 0, 0);
const date: FactFile = { value: { faceMs: noon, zone: 'CET' } };
const subsystem = (name: string, status = 'active', group = 'rsct_rm') => ({
  name,
  group,
  pid: null,
  status,
});
const table = (...rows: ReturnType<typeof subsystem>[]): FactFile => ({ value: rows });
const healthyTable = table(
  subsystem('ctrmc', 'active', 'rsct'),
  subsystem('IBM.DRM'),
  subsystem('clcomd', 'active', 'caa'),
);
const running: FactFile = {
  value: [
    { user: 'root', pid: 1, command: '/etc/init' },
    { user: 'root', pid: 2490638, command: '/usr/lib/errdemon' },
  ],
};
const silent: ErrorInfo = {
  class: 'LostError',
  message: 'errpt on lpar1 was stopped after 20 s without an end.',
};

/** Invented entries, the first one the newest. */
function entries(...given: (Partial<ErrorEntry> & { label: string })[]): ErrorEntry[] {
  return given.map((one, at) => ({
    identifier: '00000000',
    faceMs: noon - (at + 1) * 3_600_000,
    zone: 'CET',
    sequence: 500 - at,
    errorClass: 'S',
    type: 'INFO',
    resource: one.label.startsWith('RMCD') ? 'RMCdaemon' : one.label.startsWith('SRC') ? 'SRC' : 'SYSPROC',
    description: 'The daemon is started.',
    detail: [],
    ...one,
  }));
}
const ended = (label: string, module: string) => ({ label, detail: ['FAILING MODULE', module] });
const core = (program: string) => ({ label: 'CORE_DUMP', detail: ['PROGRAM NAME', program] });

function collected(
  log: readonly ErrorEntry[] | FactFile | ErrorInfo | null,
  facts: Record<string, FactFile> = {},
): Collected<FactSet, FactSet> {
  const all = { date, subsystems: healthyTable, processes: running, ...facts };
  const followUp: Reached<FactSet> | null =
    log === null
      ? null
      : 'class' in log
        ? { ok: false, error: log }
        : {
            ok: true,
            facts: {
              errors: readingOf('lpar1', 'errpt', Array.isArray(log) ? { value: log } : (log as FactFile)),
            },
          };
  return {
    target: lpar1,
    node: {
      ok: true,
      facts: Object.fromEntries(
        Object.entries(all).map(([name, fact]) => [name, readingOf('lpar1', name, fact)]),
      ),
    },
    hmc: null,
    followUp,
  };
}

const found = (one: Collected<FactSet, FactSet>) =>
  rmcErrors
    .judge(one)
    .map(({ id, severity, follows }) => [id, severity, ...(follows === undefined ? [] : [follows])]);

describe('what is asked', () => {
  it('is the last seven days of the node’s own clock, by resource', () => {
    const facts = rmcErrors.followUp?.(collected(null)) ?? {};
    expect(Object.values(facts).map(({ command }) => renderCommand(command))).toEqual([
      '/usr/bin/errpt -a -s 1103120026 -N RMCdaemon,ctcasd,ConfigRM,SRC,SYSPROC',
    ]);
  });

  it('is nothing where the clock was not read', () => {
    expect(rmcErrors.followUp?.(collected(null, { date: { unread: silent } }))).toBeNull();
  });
});

describe('the error log', () => {
  it('without an entry about RMC is healthy, and the verdict says since when', () => {
    for (const log of [
      [],
      entries(ended('SRC_SVKO', 'clstrmgrES'), core('sleep'), { label: 'REBOOT_ID' }),
      entries({ label: 'RMCD_INFO_2_ST' }),
    ])
      expect(found(collected(log))).toEqual([]);
    expect(rmcErrors.remark?.(collected([]))).toBe('no error of RMC in errpt since 2026-11-03 12:00 CET');
    expect(rmcErrors.remark?.(collected(entries({ label: 'RMCD_INFO_0_ST' })))).toMatch(/; started once$/);
  });

  it('warns of an error of RSCT’s own, with its words', () => {
    const one = collected(
      entries({ label: 'X_ER', resource: 'RMCdaemon', type: 'PERM', description: 'It broke.' }),
    );
    expect(found(one)).toEqual([['rmc.error-logged', 'warn']]);
    expect(rmcErrors.judge(one)[0]).toMatchObject({
      title: 'RSCT on lpar1 wrote an error within 7 days: It broke.',
      observed: 'X_ER once, last 2026-11-10 11:00 CET',
    });
    for (const type of ['TEMP', 'PERF', 'PEND', 'UNKN'] as const)
      expect(found(collected(entries({ label: 'X', resource: 'ctcasd', type })))).toEqual([
        ['rmc.error-logged', 'warn'],
      ]);
  });
});

describe('a daemon that ended by itself', () => {
  it.each([
    ['the SRC started it again', [ended('SRC_RSTRT', 'IBM.DRM')], 'IBM.DRM'],
    ['it left a core file', [core('IBM.DRMd')], 'IBM.DRM'],
    ['both say it', [core('rmcd'), ended('SRC_RSTRT', 'ctrmc')], 'ctrmc'],
    ['the SRC gave up, and it runs again', [ended('SRC_TRYX', 'IBM.DRM')], 'IBM.DRM'],
  ])('is a warning where %s', (_why, log, name) => {
    const one = collected(entries(...log));
    expect(found(one)).toEqual([['rmc.daemon-ended', 'warn']]);
    expect(rmcErrors.judge(one)[0]?.title).toContain(`${name} on lpar1 ended by itself`);
  });

  it('is critical where the SRC gave up and it does not run', () => {
    const one = collected(entries(ended('SRC_TRYX', 'IBM.DRM'), ended('SRC_RSTRT', 'IBM.DRM')), {
      subsystems: table(subsystem('ctrmc'), subsystem('IBM.DRM', 'inoperative')),
    });
    expect(found(one)).toEqual([['rmc.daemon-ended', 'crit']]);
    expect(rmcErrors.judge(one)[0]?.observed).toBe(
      'SRC_TRYX once, last 2026-11-10 11:00 CET; SRC_RSTRT once, last 2026-11-10 10:00 CET; IBM.DRM is inoperative now, and the SRC has given up starting it',
    );
  });

  it('is told apart from others by the SRC’s groups', () => {
    const log = entries(ended('SRC_RSTRT', 'newrm'), ended('SRC_RSTRT', 'clcomd'));
    expect(found(collected(log))).toEqual([]);
    const known = { subsystems: table(subsystem('ctrmc'), subsystem('newrm')) };
    expect(found(collected(log, known))).toEqual([['rmc.daemon-ended', 'warn']]);
  });

  it('is unknown where the entry does not say which', () => {
    expect(found(collected(entries({ label: 'SRC_RSTRT', detail: ['SYMPTOM CODE', '256'] })))).toEqual([
      ['fact.unreadable', 'unknown'],
    ]);
    expect(found(collected(entries({ label: 'CORE_DUMP', detail: ['PROGRAM NAME'] })))).toEqual([
      ['fact.unreadable', 'unknown'],
    ]);
  });
});

describe('starts of RMC', () => {
  const start = { label: 'RMCD_INFO_0_ST' };
  const boot = { label: 'REBOOT_ID' };

  it.each([
    [2, 0, []],
    [3, 1, []],
    [3, 0, [['rmc.started-often', 'warn']]],
    [5, 2, [['rmc.started-often', 'warn']]],
  ])('%i with %i boots', (starts, boots, expected) => {
    const log = entries(
      ...Array.from({ length: starts }, () => start),
      ...Array.from({ length: boots }, () => boot),
    );
    expect(found(collected(log))).toEqual(expected);
  });

  it('follow from a daemon that ends', () => {
    const log = entries(start, start, start, core('rmcd'));
    expect(found(collected(log))).toEqual([
      ['rmc.daemon-ended', 'warn'],
      ['rmc.started-often', 'warn', 'rmc.daemon-ended'],
    ]);
  });
});

describe('RMC that does not run', () => {
  const down = { subsystems: table(subsystem('ctrmc', 'inoperative', 'rsct')) };

  it('is critical, says when it was last started, and can be started', () => {
    const [finding] = rmcErrors.judge(collected(entries({ label: 'RMCD_INFO_0_ST' }), down));
    expect(finding).toMatchObject({
      id: 'rmc.daemon-down',
      severity: 'crit',
      observed: 'ctrmc inoperative; it was last started 2026-11-10 11:00 CET',
      fixes: ['rmc-restart'],
    });
  });

  it('follows from its end where the log tells of it', () => {
    expect(found(collected(entries(ended('SRC_SVKO', 'ctrmc')), down))).toEqual([
      ['rmc.daemon-down', 'crit', 'rmc.daemon-ended'],
      ['rmc.daemon-ended', 'warn'],
    ]);
  });

  it.each(['stopping', 'starting'])('is unknown while it is %s', (status) => {
    expect(found(collected([], { subsystems: table(subsystem('ctrmc', status, 'rsct')) }))).toEqual([
      ['rmc.daemon-down', 'unknown'],
    ]);
  });

  it('is unknown where the SRC does not know it', () => {
    expect(found(collected([], { subsystems: table(subsystem('clcomd')) }))).toEqual([
      ['rmc.daemon-down', 'unknown'],
    ]);
  });
});

describe('what was not read', () => {
  it('is unknown where nothing writes the error log, whatever it shows', () => {
    const processes: FactFile = { value: [{ user: 'root', pid: 1, command: 'vi /usr/lib/errdemon' }] };
    expect(found(collected([], { processes }))).toEqual([['node.error-log-off', 'unknown']]);
  });

  it.each([
    ['was not asked', null],
    ['was not reached', { class: 'ConnectError', reason: 'timed-out', message: 'x' } satisfies ErrorInfo],
    ['did not end', { unread: silent }],
    ['was not understood', { unread: { class: 'ParseError', message: 'line 2', line: '?' } }],
    ['failed', { failure: { code: '0315-131', message: 'errpt: 0315-131 Cannot open the error log file.' } }],
  ] as const)('is unknown where errpt %s', (_why, log) => {
    expect(found(collected(log as FactFile | ErrorInfo | null))).toEqual([['fact.unreadable', 'unknown']]);
    expect(rmcErrors.remark?.(collected(log as FactFile | ErrorInfo | null))).toBeNull();
  });

  it.each(['date', 'subsystems', 'processes'])('is unknown where %s was not read', (name) => {
    const one = collected(name === 'date' ? null : [], { [name]: { unread: silent } });
    expect(found(one)).toEqual([['fact.unreadable', 'unknown']]);
  });

  it.each<[ErrorInfo['reason'], string, string]>([
    ['timed-out', 'node.unreachable', 'unknown'],
    ['login-refused', 'node.login-refused', 'unknown'],
    ['host-key-changed', 'node.host-key-changed', 'crit'],
  ])('is not judged where the session failed (%s)', (reason, id, severity) => {
    const error: ErrorInfo = {
      class: 'ConnectError',
      ...(reason === undefined ? {} : { reason }),
      message: 'x',
    };
    expect(found({ ...collected(null), node: { ok: false, error } })).toEqual([[id, severity]]);
  });
});

describe('evidence', () => {
  it('is the newest two entries of a finding as printed', () => {
    const block = (sequence: number) =>
      `LABEL: SRC_RSTRT\nSequence Number: ${sequence}\nDetail Data\nline ${sequence}`;
    const rule = '-'.repeat(75);
    const one = collected(entries(...[1, 2, 3].map(() => ended('SRC_RSTRT', 'IBM.DRM'))));
    const log = one.followUp?.ok === true ? one.followUp.facts['errors']! : null;
    const excerpt = [500, 499, 498].map((sequence) => `${rule}\n${block(sequence)}\n`).join('');
    const errors = { ...log!, evidence: { target: 'lpar1', command: 'errpt', excerpt } };
    const [finding] = rmcErrors.judge({ ...one, followUp: { ok: true, facts: { errors } } });
    expect(finding?.evidence).toEqual([
      { target: 'lpar1', command: 'errpt', excerpt: `${block(500)}\n\n${block(499)}` },
    ]);
  });
});
