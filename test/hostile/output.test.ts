/**
 * What nodes print is hostile as well: each file of the corpus is printed by a program of a simulated LPAR, read over real SSH,
 * judged, drawn and posted to the local Slack.
 */
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../jobs/deliver.js';
import { diagnose } from '../../jobs/diagnose.js';
import { createPoster } from '../../src/slack/poster.js';
import { openWorkbench, type Workbench } from '../jobs/workbench.js';
import { startLocalSlack, type LocalSlack } from '../lab/slack/start-local-slack.js';
import { readCorpus, type Case } from './case.js';
import { problemsOf, stringsOf } from './checks.js';

const corpus = readCorpus().filter(({ kind }) => kind === 'output');
const origin = { teamId: 'T0EXAMPLE', channel: 'C0OPS', user: 'UALICE', threadTs: null };
const folder = mkdtempSync(join(tmpdir(), 'aixops-hostile-output-'));
let bench: Workbench;
let slack: LocalSlack;

beforeAll(async () => {
  [bench, slack] = await Promise.all([
    openWorkbench(),
    startLocalSlack({ port: 0, folder: join(folder, 'slack'), isRateLimited: false }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([bench.tools.certificates.close(), slack.stop()]);
  await bench.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a program in the place of another until it is put back. */
function replaced(one: Case): () => void {
  const { program, stdout = '', stderr = '', status = 0 } = one.payload as Record<string, string>;
  const path = join(bench.lab.node('lpar1').root, program ?? '');
  const words = join(folder, 'words');
  writeFileSync(`${words}.out`, stdout, /[^\u0000-\u00ff]/.test(stdout) ? 'utf8' : 'latin1');
  writeFileSync(`${words}.err`, stderr);
  renameSync(path, `${path}.kept`);
  writeFileSync(path, `#!/bin/sh\ncat '${words}.out'\ncat '${words}.err' >&2\nexit ${status}\n`);
  chmodSync(path, 0o755);
  return () => renameSync(`${path}.kept`, path);
}

async function problems(one: Case): Promise<readonly string[]> {
  const restore = replaced(one);
  slack.clearFaults();
  const before = slack.traffic().length;
  try {
    const wish = { job: 'diagnose', diagnostic: 'rmc', targets: ['lpar1'], now: true } as const;
    const request = await bench.desk.submit(wish, '/rmc-status lpar1 --now', origin);
    await diagnose(request.id, bench.tools, new AbortController().signal);
    const refused = await sendAll();
    const done = await bench.shared.requests.get(request.id);
    const sent = slack.traffic().slice(before);
    const words = stringsOf(sent.map(({ args }) => args)).map(({ text }) => text);
    return [
      ...refused.map((code) => `Slack refused a message: ${code}`),
      ...(sent.length < 2 ? [`${sent.length} messages`] : []),
      ...(done?.verdicts.some(({ verdict }) => verdict === 'ok') === true ? ['a healthy verdict'] : []),
      ...(words.some((text) => /hunter2|xoxb-\d/.test(text)) ? ['a secret'] : []),
      ...sent.flatMap(({ args }) => problemsOf({ ...args, channel: undefined }, ['UALICE'])),
    ];
  } finally {
    restore();
  }
}

async function sendAll(): Promise<readonly string[]> {
  const { outbox, queues, clock, newId } = bench.shared;
  const refused: string[] = [];
  const poster = createPoster(new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl }));
  const tools = {
    ...{ outbox, clock, newToken: newId, queue: queues, poster },
    sleep: () => Promise.resolve(),
    onDropped: (_letter: object, code: string) => void refused.push(code),
    onUnsure: () => undefined,
  };
  for (const channel of await outbox.waiting()) await deliver(channel, tools);
  return refused;
}

describe('what a node prints', () => {
  it.each(corpus.map((one) => [one.file, one] as const))(
    '%s is shown for what it is: it calls nobody, hides nothing, and is no sign of health',
    async (_file, one) => {
      expect(await problems(one)).toEqual([]);
    },
    60_000,
  );
});
