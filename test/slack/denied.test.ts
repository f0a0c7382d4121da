/**
 * Whoever the policy lets do nothing reaches nothing, whatever they type, press or fill in: the whole way from the entries
 * through the desks that the bot has, on a real Redis, with changes in every state. The same is played once where everything
 * is allowed, so that "nothing happened" means something.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModalView } from '@slack/types';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import type { Enrolment } from '../../src/approval/enrolment.js';
import type { ChangeState } from '../../src/approval/states.js';
import { botTools } from '../../src/bot-tools.js';
import { readSettings, type Settings } from '../../src/cli/context.js';
import { share, type Shared } from '../../src/compose.js';
import { certificatesOf } from '../../src/digest/marked.js';
import type { Queues } from '../../src/queue/queues.js';
import { buttonActions } from '../../src/slack/click.js';
import { changesActions } from '../../src/slack/changes-tools.js';
import { digestActions } from '../../src/slack/digest-tools.js';
import { enrolActions } from '../../src/slack/enrol-tools.js';
import { createEntries, type Entries } from '../../src/slack/entries.js';
import { rolloutActions } from '../../src/slack/rollout-tools.js';
import { glassCodeAction, reviewAction } from '../../src/slack/time-tools.js';
import { digestForms } from '../../src/slack/views/digest-modal.js';
import { exampleChange, examplePlan } from '../approval/example-change.js';
import { exampleRollout, planOn } from '../approval/example-rollout.js';
import { underWay } from '../hostile/seeds.js';
import { startRedis, type RedisServer } from '../lab/redis-server.js';
import { openPolicyYaml } from '../policy/open-policy.js';
import { build, inDays, node, store, stored } from '../digest/examples.js';

const folder = mkdtempSync(join(tmpdir(), 'aixops-denied-'));
const log = pino({ level: 'silent' });
const { edition, memory } = build([
  node('lpar1', [store('/etc/a.pem', [stored({ until: inDays(3) })])], { cluster: null }),
]);
const line = certificatesOf(edition)[0]?.id ?? '';

const states: readonly ChangeState[] = [
  ...(['proposed', 'approved', 'running', 'waiting'] as const),
  ...(['verified', 'failed', 'unknown', 'rolled-back'] as const),
];
const ids = [...states.map((state) => `c-${state}`), 'o-r1', 'offer1', 'e-1', 'q-1', line, 'unheard-of'];
/** What stands on Home tabs. */
const idsAtHome = ['c-proposed', 'c-waiting', 'o-r1', line];
const actions = [
  ...[...buttonActions, ...digestActions, ...enrolActions, ...rolloutActions, ...changesActions],
  ...['close', 'home-refresh', glassCodeAction, reviewAction],
];

let server: RedisServer;
let real: Shared;
let queued: string[] = [];
let shown: string[] = [];
let deliveries = 0;

function settingsWith(policy: string): Settings {
  const at = join(folder, 'config');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'aixops.yaml'), `redis: { url: "${server.url}" }\n`);
  writeFileSync(join(at, 'policy.yaml'), policy);
  writeFileSync(
    join(at, 'inventory.yaml'),
    `hmcs: { hmc1: { host: 127.0.0.1 } }
systems: { p9-a: { hmc: hmc1, name: Server-a } }
nodes:
  lpar1: { host: 127.0.0.1, system: p9-a, tags: { env: prod } }
  lpar2: { host: 127.0.0.1, system: p9-a }
  erp1: { host: 127.0.0.1 }
  erp2: { host: 127.0.0.1 }
clusters: { erp: { nodes: [erp1, erp2] } }
`,
  );
  const settings = readSettings(at, false);
  if (!('config' in settings)) throw new Error(JSON.stringify(settings));
  return settings;
}

/** The entries as the bot has them; jobs and what Slack would show are written down. */
function entriesWith(policy: string): Entries {
  const add: Queues['add'] = (_queue, name) => {
    queued.push(name);
    return Promise.resolve();
  };
  const shared: Shared = { ...real, queues: { ...real.queues, add } };
  const tools = botTools(settingsWith(policy), shared, { groupsOf: () => Promise.resolve([]) }, log);
  const drawn = (what: string) => () => {
    shown.push(what);
    return Promise.resolve();
  };
  const openForm = (_trigger: string, view: ModalView) => drawn(view.callback_id ?? 'form')();
  return createEntries({
    ...{ tools, log, openForm, updateForm: drawn('form'), publish: drawn('home') },
    ...{ replace: drawn('message'), permalink: () => Promise.resolve(null), whisper: drawn('whisper') },
  });
}

const user = 'UMALLORY';
const delivery = () => ({ trigger_id: `t${(deliveries += 1)}`, team_id: 'T0001' });

async function type(entries: Entries, text: string): Promise<void> {
  const [command = '', ...words] = text.split(' ');
  await entries.command({
    ...{ ...delivery(), user_id: user, channel_id: 'C1', command, text: words.join(' ') },
  });
  await entries.mention({
    event_id: `e${(deliveries += 1)}`,
    team_id: 'T0001',
    event: { user, channel: 'C1', ts: '1.1', text: `<@U0AIXOPS> ${text.slice(1)}` },
    authorizations: [{ user_id: 'U0AIXOPS' }],
  });
}

async function press(entries: Entries, action_id: string, value: string): Promise<void> {
  const pressed = { ...delivery(), user: { id: user }, actions: [{ type: 'button', action_id, value }] };
  await entries.click({ ...pressed, channel: { id: 'C1' }, message: { ts: '1.2' } });
  if (!idsAtHome.includes(value)) return;
  const onHome = { container: { type: 'view', view_id: 'V1' }, view: { id: 'V1', type: 'home' } };
  await entries.click({ ...pressed, ...delivery(), ...onHome });
}

async function fill(entries: Entries, form: string, place: object, values: object): Promise<void> {
  await entries.form({
    ...delivery(),
    user: { id: user },
    view: {
      id: `V${(deliveries += 1)}`,
      callback_id: form,
      private_metadata: JSON.stringify({ channel: 'C1', threadTs: null, ...place }),
      state: { values },
    },
  });
}

const typed = (value: string) => ({ type: { value } });
const said = { reason: typed('Because it must be.'), ticket: typed('CHG0000001'), code: typed('123456') };

/** Everything that a person can do in Slack, one after the other. */
async function playAll(entries: Entries): Promise<void> {
  for (const { name, examples } of commands)
    for (const text of [name, ...examples, `${name} lpar1`, `${name} erp`]) await type(entries, text);
  for (const text of [
    '/rmc-fix lpar1 rmc-restart',
    '/rmc-fix all rmc-restart',
    '/clcomd-fix erp clcomd-start',
  ])
    await type(entries, text);
  for (const action of actions) for (const id of ids) await press(entries, action, id);
  for (const { name: command } of commands)
    await fill(
      entries,
      'ask',
      { command },
      { 'type-targets': typed('lpar1'), 'type-target': typed('lpar1') },
    );
  for (const id of ids) {
    for (const what of ['change', 'rollout']) {
      await fill(entries, 'say-code', { again: { what, id, choice: 'approve' } }, said);
      await fill(entries, 'say-reject', { again: { what, id, choice: 'reject' } }, said);
    }
    for (const what of ['offer', 'undo']) await fill(entries, 'say-grounds', { again: { what, id } }, said);
  }
  const again = { what: 'line', command: '/rmc-fix', text: 'lpar1 rmc-restart' };
  await fill(entries, 'say-grounds', { again }, said);
  for (const id of ids) {
    await fill(entries, 'close', { id }, { seen: typed('It runs, I looked at it myself.') });
    await fill(entries, glassCodeAction, { id }, { code: typed('123456') });
  }
  for (const form of digestForms)
    await fill(
      entries,
      form,
      { line, seen: '' },
      { reason: typed('ordered'), until: { pick: { selected_date: '2099-01-01' } }, owner: typed('UBOB') },
    );
}

/** All that acts could have moved. */
async function world(): Promise<unknown> {
  const { changes, rollouts, calm, hostKeys, digest, requests } = real;
  return {
    changes: await Promise.all(states.map((state) => changes.get(`c-${state}`))),
    rollout: await rollouts.get('o-r1'),
    freeze: await calm.freeze(),
    enrolment: await hostKeys.get('e-1'),
    request: await requests.get('q-1'),
    stop: await requests.stopOf('q-1'),
    marks: Object.fromEntries(await digest.marks([line])),
  };
}

beforeAll(async () => {
  server = await startRedis({ folder: join(folder, 'redis') });
  real = await share(settingsWith(openPolicyYaml), log);
}, 60_000);
afterAll(async () => {
  await real.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await real.redis.flushall();
  queued = [];
  shown = [];
  const at = new Date().toISOString();
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const plan = { ...examplePlan, target: 'lpar1', locks: ['node:lpar1'] };
  for (const state of states)
    await real.changes.create(exampleChange({ id: `c-${state}`, state, plan, createdAt: at, expiresAt }));
  const plans = new Map(['a', 'b', 'c', 'd'].map((name) => [name, planOn(name)]));
  await real.rollouts.create(exampleRollout({ createdAt: at, expiresAt }), plans);
  await real.requests.putOffer({ id: 'offer1', fix: 'rmc-restart', target: 'lpar1', requestId: 'r1' });
  await real.requests.put({ ...underWay, origin: { ...underWay.origin, channel: 'C1' }, askedAt: at });
  await real.digest.keepDaily(edition, memory);
  const enrolment: Enrolment = {
    id: 'e-1',
    version: 1,
    state: 'shown',
    kind: 'first',
    asked: '/enrol lpar1',
    candidates: [],
    notes: [],
    remaining: 0,
    requester: 'UALICE',
    approvals: [],
    approvalsNeeded: 1,
    ...{
      createdAt: at,
      expiresAt,
      channel: 'C1',
      teamId: 'T0001',
      threadTs: null,
      cardKey: 'k',
      ended: null,
    },
  };
  await real.hostKeys.create(enrolment);
});

describe('whoever the policy lets do nothing', () => {
  it('queues no job and moves nothing, with any command, mention, button or form', async () => {
    const before = await world();
    await playAll(entriesWith('allow: { diagnose: nobody }\n'));
    expect(queued).toEqual([]);
    expect(await world()).toEqual(before);
    const trail = await real.audit.read(0, 5_000);
    expect(trail.filter(({ code }) => code !== 'request.refused')).toEqual([]);
    expect(trail.length).toBeGreaterThan(100);
    // The one form that asks for nothing but a code says nothing either.
    expect(new Set(shown.filter((what) => what !== 'home'))).toEqual(new Set([glassCodeAction]));
  }, 120_000);

  it('is stopped by the policy and by nothing else: where everything is allowed, the same does all of it', async () => {
    const before = await world();
    await playAll(entriesWith(openPolicyYaml));
    for (const job of ['diagnose', 'propose-fix', 'roll-back', 'cert-expiry', 'enrol', 'apply-fix'])
      expect(queued, job).toContain(job);
    expect(queued).toContain('recheck-certificates');
    expect(queued.length).toBeGreaterThan(30);
    expect(await world()).not.toEqual(before);
    expect(await real.requests.get('q-1')).toMatchObject({ phase: 'stopped', stopped: { by: user } });
  }, 120_000);
});
