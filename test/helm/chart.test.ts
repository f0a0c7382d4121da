import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aixops } from '../cli/aixops.js';
import { graceMs, isKnownVariable } from '../install/known-variables.js';
import { temporaryFolder } from '../temporary-folder.js';
import { customProblems, isCustom } from './custom-kinds.js';
import {
  at,
  chart,
  helm,
  kubeVersion,
  listAt,
  objects,
  podOf,
  root,
  runHelm,
  template,
  valuesFile,
} from './helm.js';
import type { KubernetesObject } from './helm.js';
import { schemaProblems, strayFields } from './known-kinds.js';
import { podProblems } from './pod-rules.js';

const names = readdirSync(join(root, 'test/helm/values')).map((file) => file.replace(/\.yaml$/, ''));
const matrix =
  helm === null
    ? []
    : await Promise.all(names.map(async (name) => ({ name, all: await objects({ files: [name] }) })));

function find(all: readonly KubernetesObject[], kind: string, suffix: string): KubernetesObject {
  const found = all.filter((object) => object.kind === kind && object.metadata.name.endsWith(suffix));
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${kind} …${suffix}`);
  return found[0];
}

const of = (name: string): readonly KubernetesObject[] => matrix.find((one) => one.name === name)?.all ?? [];
const pods = (all: readonly KubernetesObject[]) => all.flatMap((object) => podOf(object) ?? []);
const container = (object: KubernetesObject): unknown => at(podOf(object)?.spec, 'containers', 0);
const mountsOf = (object: KubernetesObject): unknown =>
  listAt(container(object), 'volumeMounts').map((one) => at(one, 'mountPath'));
const variablesOf = (pod: unknown): readonly string[] =>
  listAt(pod, 'containers').flatMap((one) =>
    listAt(one, 'env').map((variable) => String(at(variable, 'name'))),
  );

describe.skipIf(helm === null)('the chart', { timeout: 60_000 }, () => {
  it('was rendered with more than fifteen sets of values', () => {
    expect(matrix.length).toBeGreaterThan(15);
    for (const { name, all } of matrix)
      expect({ name, pods: pods(all).length > 2 }).toEqual({ name, pods: true });
  });

  it('has nothing that helm lint would rather see otherwise', async () => {
    const answers = await Promise.all(
      names.map((name) =>
        runHelm([
          'lint',
          '--strict',
          '--kube-version',
          kubeVersion,
          chart,
          '--values',
          valuesFile('minimal'),
          '--values',
          valuesFile(name),
        ]),
      ),
    );
    for (const { code, stdout } of answers) {
      expect(stdout).toContain('0 chart(s) failed');
      expect(code).toBe(0);
    }
  });

  it.each(matrix)('makes objects that Kubernetes takes: $name', async ({ all }) => {
    for (const object of all) {
      const { kind, metadata } = object;
      const problems = isCustom(object) ? customProblems(object) : await schemaProblems(object);
      expect({ kind, name: metadata.name, problems }).toEqual({ kind, name: metadata.name, problems: [] });
    }
  });

  it('has no field that Kubernetes would drop in silence', () => {
    const known = matrix.flatMap(({ all }) => all.filter((object) => !isCustom(object)));
    expect(known.length).toBeGreaterThan(100);
    expect(strayFields(known)).toEqual([]);
    const misspelt = {
      ...find(of('minimal'), 'Deployment', '-bot'),
      spec: { selector: {}, template: { spec: { containers: [{ name: 'x', imagee: 'y' }] } } },
    };
    expect(strayFields([misspelt])).toEqual([expect.stringContaining('imagee')]);
  });

  it.each(matrix)('asks for no more than it needs, and for limits: $name', ({ all }) => {
    for (const { spec } of pods(all)) expect(podProblems(spec)).toEqual([]);
  });

  it.each(matrix)('has names that fit, once each, and selectors that find the pods: $name', ({ all }) => {
    const ids = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { metadata } of all) {
      expect(metadata.name).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
      for (const value of Object.values(metadata.labels ?? {}))
        expect(value).toMatch(/^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/);
    }
    const labels = pods(all).map((pod) => pod.labels);
    for (const object of all) {
      const chosen = selectorOf(object);
      if (chosen === null) continue;
      const hits = labels.filter((found) =>
        Object.entries(chosen).every(([key, value]) => at(found, key) === value),
      );
      expect({ name: ids, hits: hits.length }).toEqual({ name: ids, hits: 1 });
    }
  });

  it('finds the scraped services by their labels, and what scales by its name', () => {
    for (const component of ['bot', 'worker']) {
      const chosen = at(
        find(of('keda'), 'ServiceMonitor', `-${component}`),
        'spec',
        'selector',
        'matchLabels',
      );
      const service = find(of('keda'), 'Service', `-${component}-health`);
      expect(service.metadata.labels).toMatchObject(chosen as object);
      expect(at(service, 'spec', 'ports', 0, 'name')).toBe('health');
    }
    expect(at(find(of('keda'), 'ScaledObject', '-worker'), 'spec', 'scaleTargetRef', 'name')).toBe(
      'aixops-worker',
    );
    for (const name of ['keda', 'hpa'])
      expect(at(find(of(name), 'Deployment', '-worker'), 'spec', 'replicas')).toBeUndefined();
    expect(
      at(
        find(of('hpa'), 'HorizontalPodAutoscaler', '-worker'),
        'spec',
        'metrics',
        0,
        'external',
        'target',
        'averageValue',
      ),
    ).toBe('50');
  });

  it('gives each process its own secrets and no other', () => {
    const [bot, worker] = ['-bot', '-worker'].map((suffix) => find(of('minimal'), 'Deployment', suffix)) as [
      KubernetesObject,
      KubernetesObject,
    ];
    const common = ['/etc/aixops', '/tmp'];
    expect(mountsOf(bot)).toEqual([...common, '/run/secrets/aixops/bot', '/run/secrets/aixops/shared']);
    expect(mountsOf(worker)).toEqual([...common, '/run/secrets/aixops/shared', '/run/secrets/aixops/ssh']);
    expect(mountsOf(find(of('minimal'), 'Pod', '-check'))).toEqual(mountsOf(worker));
    expect(variablesOf(podOf(worker)?.spec).filter((name) => /SLACK|STEP_UP/.test(name))).toEqual([]);
    expect(mountsOf(find(of('redis-cluster-tls'), 'Deployment', '-worker'))).toContain(
      '/run/secrets/aixops/redis-tls',
    );
  });

  it('mounts each secret file where its variable says', () => {
    for (const { all } of matrix)
      for (const object of all.filter(({ kind }) => kind === 'Deployment')) {
        const spec = podOf(object)?.spec;
        const files = listAt(spec, 'containers', 0, 'volumeMounts').flatMap((mount) => {
          const volume = listAt(spec, 'volumes').find((one) => at(one, 'name') === at(mount, 'name'));
          return listAt(volume, 'secret', 'items').map(
            (item) => `${String(at(mount, 'mountPath'))}/${String(at(item, 'path'))}`,
          );
        });
        const named = listAt(spec, 'containers', 0, 'env').flatMap((one) =>
          String(at(one, 'name')).endsWith('_FILE') ? [at(one, 'value')] : [],
        );
        expect(files).toEqual(named);
      }
    const [first] = listAt(podOf(find(of('renamed-keys'), 'Deployment', '-bot'))?.spec, 'volumes').filter(
      (one) => at(one, 'name') === 'bot-secrets',
    );
    expect(at(first, 'secret', 'items', 0)).toEqual({ key: 'bot-token', path: 'SLACK_BOT_TOKEN' });
  });

  it('sets no variable that aixops does not read', () => {
    const set = new Set(
      matrix
        .filter(({ name }) => name !== 'placed')
        .flatMap(({ all }) => pods(all).flatMap(({ spec }) => variablesOf(spec))),
    );
    expect(set.size).toBeGreaterThan(12);
    expect([...set].filter((name) => !isKnownVariable(name))).toEqual([]);
    expect(isKnownVariable('AIXOPS_HEALTHPORT')).toBe(false);
  });

  it('offers every secret that aixops takes, and no other', () => {
    const rules = readFileSync(join(root, 'src/settings/secret-rules.ts'), 'utf8');
    const known = [...rules.matchAll(/name: '(?<name>[A-Z_]+)'/g)].map((match) => match.groups?.['name']);
    const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    const offered = ['bot', 'shared'].flatMap((group) =>
      listAt(
        schema,
        'properties',
        'secrets',
        'properties',
        group,
        'properties',
        'variables',
        'items',
        'enum',
      ),
    );
    expect([...offered].sort()).toEqual(known.sort());
  });

  it.each([
    'minimal',
    'settings-as-text',
    'settings-as-maps',
    'http-ingress',
    'redis-sentinel',
    'redis-cluster-tls',
    'redis-url',
    'trial',
    'traces-and-syslog',
  ])('writes settings that aixops takes: %s', async (name) => {
    const folder = temporaryFolder();
    const data = at(find(of(name), 'ConfigMap', '-config'), 'data') as Readonly<Record<string, string>>;
    // The Secret's files lie beside the settings here.
    for (const [file, text] of Object.entries(data))
      writeFileSync(join(folder, file), text.replaceAll('/run/secrets/aixops/redis-tls/', './'));
    for (const [file, kind] of [
      ['ca.crt', 'CERTIFICATE'],
      ['tls.crt', 'CERTIFICATE'],
      ['tls.key', 'PRIVATE KEY'],
    ] as const)
      writeFileSync(join(folder, file), `-----BEGIN ${kind}-----\n`, { mode: 0o600 });
    const { code, stdout, stderr } = await aixops(['check', '--offline', '--config', folder]);
    expect(stdout + stderr).toContain('All is well.');
    expect(code).toBe(0);
  });

  it('keeps what YAML could take for something else, and text as it was written', () => {
    const maps = at(find(of('settings-as-maps'), 'ConfigMap', '-config'), 'data');
    expect(parse(String(at(maps, 'inventory.yaml')))).toMatchObject({
      nodes: {
        lpar1: { lparId: 65535, tags: { env: 'on', rack: '012', since: '2024-01-01' } },
        '1e3': { host: '10.0.1.12' },
      },
    });
    expect(parse(String(at(maps, 'aixops.yaml')))).toMatchObject({
      slack: { mode: 'socket', port: 3000, blocks: 'rich', channel: 'C0123ABCD' },
      digest: { channels: [{ time: '07:30' }] },
      rsct: { minimum: { hmc: '3.1.0.0' } },
    });
    expect(at(find(of('settings-as-text'), 'ConfigMap', '-config'), 'data', 'inventory.yaml')).toMatch(
      /^# The estate\.\nnodes:/,
    );
  });

  it('makes new pods for other settings, and the same for the same', async () => {
    const sum = async (values: unknown): Promise<unknown> =>
      at(
        find(await objects({ values }), 'Deployment', '-worker'),
        'spec',
        'template',
        'metadata',
        'annotations',
        'checksum/config',
      );
    const [before, same, policy, slack, resources] = await Promise.all(
      [
        {},
        {},
        { config: { policy: { approvers: ['U0123ABCD'] } } },
        { slack: { port: 3001 } },
        { worker: { resources: { limits: { cpu: '3' } } } },
      ].map(sum),
    );
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect([same, resources]).toEqual([before, before]);
    expect(policy).not.toBe(before);
    expect(slack).not.toBe(before);
  });

  it('lets bots reach DNS, Slack and Redis only, and workers DNS, SSH and Redis only', () => {
    const reached = (name: string, component: string): unknown =>
      listAt(find(of(name), 'NetworkPolicy', `-${component}`), 'spec', 'egress').map((rule) =>
        listAt(rule, 'ports').map((one) => at(one, 'port')),
      );
    expect(reached('minimal', 'bot')).toEqual([[53, 53], [443], [6379]]);
    expect(reached('minimal', 'worker')).toEqual([[53, 53], [22], [6379]]);
    expect(reached('traces-and-syslog', 'bot')).toEqual([[53, 53], [443], [6379], [4318]]);
    expect(reached('traces-and-syslog', 'worker')).toEqual([[53, 53], [22], [6379], [4318], [6514]]);
    expect(reached('traces-grpc-udp', 'worker')).toEqual([[53, 53], [22], [6379], [443], [514]]);
    expect(reached('ipv6', 'worker')).toEqual([[53, 53], [22, 2222], [22], [6379]]);
    expect(reached('trial', 'redis')).toEqual([]);
    const entered = (name: string): unknown =>
      listAt(find(of(name), 'NetworkPolicy', '-bot'), 'spec', 'ingress').map((rule) =>
        at(rule, 'ports', 0, 'port'),
      );
    expect(entered('minimal')).toEqual([8080]);
    expect(entered('http-ingress')).toEqual([8080, 3100]);
    expect(of('no-policies').filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('has each process told to stop early enough, and replaced before it goes', () => {
    expect(graceMs).toBeLessThan(355_000);
    for (const [suffix, seconds] of [
      ['-bot', 60],
      ['-worker', 360],
    ] as const) {
      const deployment = find(of('minimal'), 'Deployment', suffix);
      expect(at(deployment, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable')).toBe(0);
      expect(at(podOf(deployment)?.spec, 'terminationGracePeriodSeconds')).toBe(seconds);
      expect(at(find(of('minimal'), 'PodDisruptionBudget', suffix), 'spec', 'maxUnavailable')).toBe(1);
    }
  });

  it('takes the values of the manual', async () => {
    const page = readFileSync(join(root, 'docs/install/kubernetes.md'), 'utf8');
    const blocks = [...page.matchAll(/^(?<indent> *)```yaml\n\s*# values\.yaml\n(?<text>[^]*?)^ *```/gm)];
    expect(blocks.length).toBeGreaterThan(3);
    for (const { groups } of blocks) {
      const indent = groups?.['indent'] ?? '';
      const text = (groups?.['text'] ?? '').replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      expect((await objects({ values: parse(text) })).length).toBeGreaterThan(8);
    }
  });

  it('is of the version of the program', () => {
    const { appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as { appVersion: string };
    expect(appVersion).toBe(
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    );
  });
});

/** What an object chooses pods by. */
function selectorOf({ kind, ...object }: KubernetesObject): Readonly<Record<string, unknown>> | null {
  const places: Readonly<Record<string, readonly string[]>> = {
    Deployment: ['spec', 'selector', 'matchLabels'],
    StatefulSet: ['spec', 'selector', 'matchLabels'],
    PodDisruptionBudget: ['spec', 'selector', 'matchLabels'],
    PodMonitor: ['spec', 'selector', 'matchLabels'],
    NetworkPolicy: ['spec', 'podSelector', 'matchLabels'],
    Service: ['spec', 'selector'],
  };
  const place = places[kind];
  return place === undefined ? null : (at(object, ...place) as Readonly<Record<string, unknown>>);
}

/** Each wrong value, and what is said of it: the key first. */
const wrong: readonly (readonly [what: string, values: object, said: RegExp])[] = [
  ['no image', { image: { repository: '' } }, /image\.repository: This is empty: name the image/],
  ['a tag that moves', { image: { tag: 'latest' } }, /image\.tag: This is "latest"/],
  ['a digest cut short', { image: { digest: 'sha256:abc' } }, /image\.digest: This must be sha256:/],
  ['a misspelt key', { image: { repo: 'x' } }, /at '\/image': additional properties 'repo' not allowed/],
  ['a key that is not at the top', { replicas: 2 }, /at '': additional properties 'replicas' not allowed/],
  [
    'an unknown policy of pulling',
    { image: { pullPolicy: 'Sometimes' } },
    /at '\/image\/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'/,
  ],
  ['a number in words', { worker: { replicas: 'two' } }, /at '\/worker\/replicas': got string, want integer/],
  ['fewer than no bots', { bot: { replicas: -1 } }, /at '\/bot\/replicas': minimum: got -1, want 0/],
  [
    'no inventory',
    { config: { inventory: null } },
    /config\.inventory: This is empty, so there is nothing to look at/,
  ],
  ['text that is no YAML', { config: { policy: 'approvers: [' } }, /config\.policy: This text is no YAML/],
  [
    'Redis in the settings file',
    { config: { aixops: { redis: { url: 'redis://r:6379' } } } },
    /config\.aixops\.redis: The chart has to know of Redis/,
  ],
  [
    'the mode in the settings file',
    { config: { aixops: 'slack: { mode: http }' } },
    /config\.aixops\.slack\.mode: .*slack\.mode at the top of the values/,
  ],
  [
    'the health port in the settings file',
    { config: { aixops: { health: { port: 1 } } } },
    /config\.aixops\.health: .*health\.port/,
  ],
  [
    'two homes of the settings',
    { config: { existingConfigMap: 'x' } },
    /config\.inventory: config\.existingConfigMap is set too/,
  ],
  [
    'a settings file among the others',
    { config: { files: { known_hosts: 'x' } } },
    /config\.files\.known_hosts: This file has a key of its own/,
  ],
  [
    'no token for the mode',
    { slack: { mode: 'http' } },
    /secrets\.bot\.variables: SLACK_SIGNING_SECRET is missing here/,
  ],
  [
    'an unknown mode',
    { slack: { mode: 'sockets' } },
    /at '\/slack\/mode': value must be one of 'socket', 'http'/,
  ],
  [
    'one port for two',
    {
      slack: { mode: 'http', port: 8080 },
      secrets: { bot: { variables: ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET'] } },
    },
    /slack\.port: This is health\.port too/,
  ],
  [
    'an ingress for nothing',
    { ingress: { enabled: true, host: 'a.b' } },
    /ingress\.enabled: Slack calls nothing/,
  ],
  ['an ingress without a host', { ingress: { enabled: true } }, /ingress\.host: This is empty/],
  [
    'no Secret',
    { secrets: { ssh: { secretName: '' } } },
    /secrets\.ssh\.secretName: This is empty: name the Secret with the workers' private keys/,
  ],
  [
    'a secret that nothing takes',
    { secrets: { shared: { variables: ['REDIS_URI'] } } },
    /at '\/secrets\/shared\/variables\/0': value must be one of 'REDIS_URL'/,
  ],
  [
    'a Slack token for workers',
    { secrets: { shared: { variables: ['REDIS_URL', 'SLACK_BOT_TOKEN'] } } },
    /at '\/secrets\/shared\/variables\/1': value must be one of/,
  ],
  [
    'a key that is not used',
    { secrets: { bot: { keys: { STEP_UP_SECRETS: 'x' } } } },
    /secrets\.bot\.keys\.STEP_UP_SECRETS: STEP_UP_SECRETS is not in secrets\.bot\.variables/,
  ],
  [
    'an old key alone',
    { secrets: { shared: { variables: ['REDIS_URL', 'STORE_KEY_OLD'] } } },
    /secrets\.shared\.variables: STORE_KEY_OLD is here without STORE_KEY/,
  ],
  ['no Redis', { secrets: { shared: { variables: [] } } }, /redis: Nothing says where Redis is/],
  [
    'two ways to Redis',
    { redis: { url: 'redis://r:6379' } },
    /redis: Redis is named in 2 ways \(REDIS_URL in secrets\.shared\.variables, redis\.url\): keep one/,
  ],
  [
    'a password in a ConfigMap',
    { secrets: { shared: { variables: [] } }, redis: { url: 'redis://:geheim@r:6379' } },
    /redis\.url: This holds a password/,
  ],
  [
    'a URL of something else',
    { secrets: { shared: { variables: [] } }, redis: { url: 'http://r' } },
    /redis\.url: This must be a URL such as redis:/,
  ],
  [
    'Sentinels without a name',
    { secrets: { shared: { variables: [] } }, redis: { sentinel: { nodes: ['a:26379'] } } },
    /redis\.sentinel: Sentinels need both/,
  ],
  [
    'an address without a port',
    { secrets: { shared: { variables: [] } }, redis: { cluster: { nodes: ['a'] } } },
    /at '\/redis\/cluster\/nodes\/0': 'a' does not match/,
  ],
  [
    'certificates from nowhere',
    { redis: { tls: { enabled: true, ca: 'ca.crt' } } },
    /redis\.tls\.secretName: redis\.tls names files/,
  ],
  [
    'TLS that is not switched on',
    { redis: { tls: { serverName: 'r' } } },
    /redis\.tls\.enabled: This is false/,
  ],
  [
    'TLS on a plain address',
    { secrets: { shared: { variables: [] } }, redis: { url: 'redis://r:6379', tls: { enabled: true } } },
    /redis\.tls\.enabled: This Redis is reached without TLS/,
  ],
  [
    'half a client certificate',
    { redis: { tls: { enabled: true, secretName: 'x', cert: 'tls.crt' } } },
    /redis\.tls: A client certificate needs both/,
  ],
  [
    'an open Redis that anyone reaches',
    {
      secrets: { shared: { variables: [] } },
      redis: { bundled: { enabled: true } },
      networkPolicy: { enabled: false },
    },
    /redis\.bundled\.enabled: The bundled Redis has no password/,
  ],
  [
    'no store of secrets',
    { externalSecrets: { enabled: true } },
    /externalSecrets\.store\.name: This is empty/,
  ],
  [
    'a secret of no store',
    { externalSecrets: { enabled: true, store: { name: 'v' } }, secrets: { bot: { secretName: '' } } },
    /secrets\.bot\.remoteRefs\.SLACK_BOT_TOKEN: This is missing/,
  ],
  [
    'no network of nodes',
    { networkPolicy: { ssh: [] } },
    /networkPolicy\.ssh: This names no network, so workers would reach no node/,
  ],
  [
    'an address for a network',
    { networkPolicy: { ssh: [{ cidrs: ['10.0.0.1'], ports: [22] }] } },
    /networkPolicy\.ssh\[0\]\.cidrs: "10\.0\.0\.1" is no network/,
  ],
  [
    'a port beyond all ports',
    { networkPolicy: { ssh: [{ cidrs: ['10.0.0.0/8'], ports: [70_000] }] } },
    /at '\/networkPolicy\/ssh\/0\/ports\/0': maximum/,
  ],
  [
    'a collector without a scheme',
    { tracing: { endpoint: 'collector:4318' } },
    /tracing\.endpoint: This must be a URL/,
  ],
  [
    'root',
    { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } },
    /podSecurityContext\.runAsNonRoot: This must stay true[^]*podSecurityContext\.runAsUser: This is root/,
  ],
  [
    'a root file system to write to',
    { securityContext: { readOnlyRootFilesystem: false, privileged: true } },
    /securityContext\.readOnlyRootFilesystem: This must stay true[^]*securityContext\.privileged: This must stay false/,
  ],
  [
    'no limit',
    { bot: { resources: { limits: { memory: null } } } },
    /bot\.resources\.limits\.memory: This is missing/,
  ],
  [
    'no time to stop',
    { bot: { terminationGracePeriodSeconds: 10 }, worker: { terminationGracePeriodSeconds: 60 } },
    /bot\.terminationGracePeriodSeconds: This is at least 35[^]*worker\.terminationGracePeriodSeconds: This is at least 355/,
  ],
  [
    'more at least than at most',
    {
      worker: { autoscaling: { enabled: true, by: 'hpa', minReplicas: 9, maxReplicas: 3 } },
      monitoring: { scrapedOtherwise: true },
    },
    /worker\.autoscaling\.minReplicas: This is 9, more than maxReplicas \(3\)/,
  ],
  [
    'KEDA without Prometheus',
    { worker: { autoscaling: { enabled: true } }, monitoring: { scrapedOtherwise: true } },
    /worker\.autoscaling\.prometheus: This is empty/,
  ],
  [
    'a queue that nobody measures',
    { worker: { autoscaling: { enabled: true, prometheus: 'http://p' } } },
    /worker\.autoscaling\.enabled: Nothing collects the length of the queue/,
  ],
];

describe.skipIf(helm === null)('a wrong value', () => {
  it.each(wrong)('is told in a sentence that begins with its key: %s', async (_what, values, said) => {
    const { code, stdout, stderr } = await template({ values });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain('geheim');
  });

  it('is told together with all others', async () => {
    const { stderr } = await runHelm(['template', 'aixops', chart, '--kube-version', kubeVersion]);
    expect(stderr).toContain('The values have 6 problems. Nothing was installed.');
    for (const key of [
      'image.repository',
      'config.inventory',
      'secrets.bot.secretName',
      'secrets.shared.secretName',
      'secrets.ssh.secretName',
      'networkPolicy.ssh',
    ])
      expect(stderr).toContain(`\n  ${key}: `);
  });
});

describe('the manual in values.yaml', () => {
  it('has every key of the schema, and the schema every key of it', () => {
    const schema: unknown = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    const values: unknown = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'), { merge: true });
    expect(keysOfSchema(schema, schema).sort()).toEqual(keysOf(schema, values, schema).sort());
  });

  it.skipIf(helm === null)(
    'says the next step after the installation, and what is only for a trial',
    async () => {
      const shown = copyWithNotes();
      const notes = async (...files: string[]): Promise<string> =>
        String(at(find(await objects({ files, chart: shown }), 'ConfigMap', 'notes'), 'data', 'notes'));
      const [plain, trial, http] = await Promise.all([notes(), notes('trial'), notes('http-ingress')]);
      expect(plain).toContain('helm test aixops --namespace ops');
      expect(plain).toContain('Type in Slack: /aix-help');
      expect(plain).not.toContain('NOT FOR PRODUCTION');
      expect(trial).toContain('NOT FOR PRODUCTION');
      expect(trial).toContain('1 bot, 1 worker in namespace ops');
      expect(http).toContain('https://aixops.example.net/slack/events');
    },
  );
});

/** The chart with its notes as an object: helm prints them to who has a cluster, and renders objects for all. */
function copyWithNotes(): string {
  const copy = join(temporaryFolder(), 'aixops');
  cpSync(chart, copy, { recursive: true });
  const notes = readFileSync(join(copy, 'templates/NOTES.txt'), 'utf8');
  const object =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata: { notes: {{ include "notes" . | toJson }} }\n';
  writeFileSync(join(copy, 'templates/notes.yaml'), `{{- define "notes" }}${notes}{{ end -}}\n${object}`);
  return copy;
}

/** The keys that a schema knows, with those of what it refers to; a map of free keys is one key. */
function keysOfSchema(node: unknown, whole: unknown, path = ''): string[] {
  const reference = at(node, '$ref');
  if (typeof reference === 'string')
    return keysOfSchema(at(whole, ...reference.replace('#/', '').split('/')), whole, path);
  const properties = at(node, 'properties');
  if (typeof properties !== 'object' || properties === null) return path === '' ? [] : [path];
  return Object.entries(properties)
    .filter(([key]) => `${path}.${key}` !== '.global')
    .flatMap(([key, value]) => keysOfSchema(value, whole, `${path}.${key}`));
}

/** The keys of the values, as deep as the schema names them. */
function keysOf(schema: unknown, values: unknown, whole: unknown, path = ''): string[] {
  const reference = at(schema, '$ref');
  const node = typeof reference === 'string' ? at(whole, ...reference.replace('#/', '').split('/')) : schema;
  if (typeof at(node, 'properties') !== 'object' || typeof values !== 'object' || values === null)
    return [path];
  return Object.entries(values).flatMap(([key, value]) =>
    keysOf(at(node, 'properties', key), value, whole, `${path}.${key}`),
  );
}
