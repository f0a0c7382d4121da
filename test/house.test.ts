import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
let modules: IModule[] = [];

beforeAll(async () => {
  const found = await cruise(['src', 'commands', 'jobs', 'test'], {
    baseDir: root,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: join(root, 'tsconfig.json') },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      extensionAlias: { '.js': ['.ts', '.js'] },
    } as object,
  });
  modules = (found.output as ICruiseResult).modules;
}, 120_000);

interface Edge {
  readonly from: string;
  readonly to: string;
}

function edges(): Edge[] {
  return modules.flatMap((module) =>
    module.dependencies.map((dependency) => ({ from: module.source, to: dependency.resolved })),
  );
}

/** Imports between files of ours that start below one of `from` and end below one of `to`. */
function arrows(from: RegExp, to: RegExp): string[] {
  return edges()
    .filter((edge) => from.test(edge.from) && to.test(edge.to))
    .map((edge) => `${edge.from} → ${edge.to}`);
}

const importersOf = (library: RegExp): string[] =>
  [
    ...new Set(
      edges()
        .filter((edge) => library.test(edge.to) && edge.from.startsWith('src'))
        .map((edge) => edge.from),
    ),
  ].sort();

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => entry.name.replace(/\.ts$/, ''));

const pure =
  /^(?:src\/(?:core|aix|hmc|runbooks|slack\/views)\/|src\/slack\/explain|src\/approval\/(?:states|rollout-states|rollout-waves|journal|undo-plan|enrolment)|src\/digest\/(?!store|marks-store)|commands\/)/;

describe('the house', () => {
  it('was really read: the checks below would pass on nothing', () => {
    expect(modules.filter((module) => module.source.startsWith('src')).length).toBeGreaterThan(40);
    expect(arrows(/^jobs\//, /^src\//).length).toBeGreaterThan(10);
  });

  it('has only the agreed things at its top level', () => {
    const allowed = [
      'package.json',
      'tsconfig.json',
      'src',
      'jobs',
      'commands',
      'test',
      'helm',
      'docs',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'Dockerfile',
      'package-lock.json',
      'node_modules',
      'dist',
    ];
    const strange = readdirSync(root).filter((name) => !name.startsWith('.') && !allowed.includes(name));
    expect(strange).toEqual([]);
  });

  it.each([
    ['core', /^src\/core\//, /^(?:src\/(?!core\/)|commands|jobs)/],
    ['aix and hmc', /^src\/(?:aix|hmc)\//, /^(?:src\/(?!core\/|aix\/|hmc\/)|commands|jobs)/],
    [
      'digest',
      /^src\/digest\//,
      /^(?:src\/(?!core\/|loop\/|digest\/|redis\/link\.|runbooks\/certificates\/)|commands|jobs)/,
    ],
    ['loop', /^src\/loop\//, /^(?:src\/(?!core\/|loop\/)|commands|jobs)/],
    ['certificates', /^src\/certificates\//, /^(?:src\/(?!core\/|loop\/|certificates\/)|commands|jobs)/],
    ['runbooks', /^src\/runbooks\//, /^(?:src\/(?!core\/|aix\/|hmc\/|runbooks\/)|commands|jobs)/],
    ['commands', /^commands\//, /^(?:src\/(?!core\/|runbooks\/|inventory\/(?:inventory|choose)\.)|jobs)/],
    [
      'views',
      /^src\/slack\/(?:views\/|explain)/,
      /^(?:src\/(?!core\/|approval\/(?:states|rollout-states|journal|enrolment)|digest\/(?!store|marks-store)|slack\/(?:views\/|explain))|jobs)/,
    ],
    [
      'run',
      /^src\/run\//,
      /^(?:src\/(?!core\/|loop\/|run\/|runbooks\/|ssh\/transport|approval\/(?:states|journal))|commands|jobs)/,
    ],
  ])('%s imports nothing above it', (_name, from, to) => {
    expect(arrows(from, to)).toEqual([]);
  });

  it('lets no edge import another edge', () => {
    const edgeFolders = [
      'ssh',
      'queue',
      'outbox',
      'audit',
      'requests',
      'redis',
      'picture',
      'tracing',
      'health',
      'metrics',
    ];
    const found = edgeFolders.flatMap((folder) => {
      const others = edgeFolders.filter((other) => other !== folder).join('|');
      return arrows(
        new RegExp(`^src/${folder}/`),
        // What a connection is, in every store's signature, is no edge.
        new RegExp(`^src/(?!redis/link\\.)(?:${others}|slack|approval/(?:store|locks))/`),
      );
    });
    expect(found).toEqual([]);
  });

  it('keeps pure code away from clocks, files, networks and loggers', () => {
    expect(
      arrows(
        pure,
        /^(?:node:)?(?:fs|net|http|https|child_process|dgram|tls|os|worker_threads|timers)(?:\/|$)/,
      ),
    ).toEqual([]);
    expect(
      arrows(
        pure,
        /node_modules\/(?:ssh2|bullmq|ioredis|pino|@opentelemetry|bullmq-otel|prom-client|@slack\/(?:bolt|web-api|socket-mode)|undici)\//,
      ),
    ).toEqual([]);
    const impure = modules
      .filter((module) => pure.test(module.source))
      .filter((module) =>
        /\b(?:Date\.now\(|new Date\(\)|Math\.random\(|process\.env|setTimeout\()/.test(source(module.source)),
      );
    expect(impure.map((module) => module.source)).toEqual([]);
  });

  it('has one importer each of ssh2, Bolt, BullMQ and x509.js', () => {
    expect(importersOf(/node_modules\/ssh2\//)).toEqual(['src/ssh/ssh2.ts']);
    expect(importersOf(/node_modules\/@slack\/bolt\//)).toEqual(['src/slack/app.ts']);
    expect(importersOf(/node_modules\/bullmq\//)).toEqual(['src/queue/queues.ts']);
    expect(importersOf(/node_modules\/prom-client\//)).toEqual(['src/metrics/instruments.ts']);
    expect(importersOf(/node_modules\/(?:@opentelemetry|bullmq-otel)\//)).toEqual([
      'src/tracing/otel.ts',
      'src/tracing/queue-telemetry.ts',
    ]);
    expect(importersOf(/node_modules\/otpauth\//)).toEqual(['src/approval/step-up.ts']);
    expect(importersOf(/node_modules\/(?:echarts|@resvg)\//)).toEqual([
      'src/picture/year-png.ts',
      'src/picture/year-svg.ts',
    ]);
    // The thread in which x509.js is kept loads it, by its path: no module of ours imports it.
    expect(importersOf(/node_modules\/x509\.js\//)).toEqual([]);
    expect(
      modules
        .filter((module) => /^(?:src|jobs|commands)\//.test(module.source))
        .filter((module) => /['"`]x509\.js['"`/]/.test(source(module.source)))
        .map((module) => module.source),
    ).toEqual(['src/certificates/x509-thread.ts']);
  });

  it('reads the environment in one place', () => {
    const readers = modules.filter(
      (m) => /^(?:src|jobs|commands)\//.test(m.source) && source(m.source).includes('process.env'),
    );
    expect(readers.map((module) => module.source)).toEqual(['src/config.ts']);
  });

  it('keeps the simulated estate apart from our own parsers', () => {
    expect(arrows(/^test\/lab\//, /^src\/(?:aix|hmc|runbooks)\//)).toEqual([]);
  });

  it.each([
    [
      'commands',
      'commands/index.ts',
      ['index', 'command', 'arguments', 'changes-verbs', 'cluster-arguments', 'fix-arguments', 'grounds'],
    ],
    [
      'jobs',
      'jobs/index.ts',
      [
        'index',
        'tools',
        'show',
        'show-steps',
        'show-verdicts',
        'tell-rejected',
        'proposal',
        'show-digest',
        'show-rollout',
        'rollout-plans',
        'lease',
        'check',
        'deliver',
        'apply-tools',
        'ending',
        'look-after',
        'gates',
        'given-up',
        'hold',
        'enrol-compare',
        'show-enrolment',
        'wait',
        'cluster-now',
        'evidence',
        'subject',
        'told',
        'stopping',
        'drawing',
        'help-sweeps',
      ],
    ],
    ['src/runbooks/diagnostics', 'src/runbooks/index.ts', []],
    ['src/runbooks/fixes', 'src/runbooks/index.ts', ['gates']],
    ['src/aix', 'src/aix/index.ts', ['index']],
    ['src/hmc', 'src/hmc/index.ts', ['index']],
  ])('has every file of %s in its registry', (folder, registry, besides) => {
    const text = source(registry);
    const unregistered = filesIn(folder).filter(
      (name) => !besides.includes(name) && !text.includes(`/${name}.js'`),
    );
    expect(unregistered).toEqual([]);
  });

  it('has no file over 250 lines and no name that says nothing', () => {
    const own = modules.filter((module) => /^(?:src|commands|jobs)\//.test(module.source));
    expect(
      own.filter((module) => source(module.source).split('\n').length > 260).map((m) => m.source),
    ).toEqual([]);
    expect(own.filter((module) => /\/(?:utils?|helpers?|manager|service)\.ts$/.test(module.source))).toEqual(
      [],
    );
  });
});

function source(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
