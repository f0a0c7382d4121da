import { describe, expect, it } from 'vitest';
import type { Observed } from '../../src/core/observe.js';
import { createMetrics, type Metrics } from '../../src/metrics/metrics.js';
import { promtool } from '../lab/prometheus.js';
import { findPart, installLine } from '../lab/system-parts.js';
import { exampleState } from './example-state.js';

const words = {
  commands: ['lssrc'],
  fixes: ['rmc-restart'],
  diagnostics: ['rmc'],
  jobs: [{ name: 'diagnose', queue: 'read' }],
  hmcs: ['hmc1'],
};
const nowMs = Date.parse('2026-03-01T00:00:00Z');
const make = (): Metrics =>
  createMetrics({ version: '1.2.3', role: 'worker', node: 'v24.0.0', words, clock: () => nowMs });

const openMetrics = 'application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** One of everything that can be noticed. */
const everything: readonly Observed[] = [
  { kind: 'slack-entry', entry: 'command', outcome: 'acknowledged', ms: 12 },
  { kind: 'slack-limited', method: 'chat.postMessage' },
  { kind: 'card-shown', ms: 700 },
  { kind: 'message-sent', method: 'post', priority: 'card', waitedMs: 30 },
  { kind: 'message-failed', method: 'post', problem: 'later' },
  { kind: 'job-ended', queue: 'read', job: 'diagnose', outcome: 'done', ms: 400, waitedMs: 3 },
  { kind: 'ssh-connected', role: 'node', tcpMs: 1, handshakeMs: 40, loginMs: 10 },
  { kind: 'ssh-connected', role: 'hmc', tcpMs: 1, handshakeMs: 40, loginMs: 10 },
  { kind: 'ssh-closed', role: 'hmc' },
  { kind: 'ssh-failed', role: 'node', reason: 'refused', ms: 3 },
  { kind: 'remote-ended', how: 'read', role: 'node', ended: 'exited', ms: 200 },
  { kind: 'hmc-wanted', hmc: 'hmc1' },
  { kind: 'hmc-wanted', hmc: 'hmc1' },
  { kind: 'hmc-entered', hmc: 'hmc1', waitedMs: 20 },
  { kind: 'not-understood', command: 'lssrc' },
  { kind: 'verdict', diagnostic: 'rmc', verdict: 'crit', findings: ['rmc.daemon-down', 'rmc.port-blocked'] },
  { kind: 'change-moved', fix: 'rmc-restart', from: 'approved', to: 'running' },
  { kind: 'digest-posted', isLate: false },
  { kind: 'audit-appended', outcome: 'written', ms: 2 },
  { kind: 'refused', rule: 'targets' },
];

function lines(body: string): readonly string[] {
  return body.split('\n').filter((line) => !line.startsWith('#'));
}

describe('what was noticed', () => {
  it('is counted under its labels, in seconds', async () => {
    const metrics = make();
    for (const what of everything) metrics.observe(what);
    const { body } = await metrics.scrape('');
    for (const line of [
      'aixops_build_info{version="1.2.3",role="worker",node="v24.0.0"} 1',
      'aixops_slack_entries_total{entry="command",outcome="acknowledged"} 1',
      'aixops_slack_ack_seconds_bucket{le="0.025",entry="command"} 1',
      'aixops_slack_ack_seconds_bucket{le="0.01",entry="command"} 0',
      'aixops_slack_limited_total{method="chat.postMessage"} 1',
      'aixops_first_card_seconds_bucket{le="0.75"} 1',
      'aixops_message_wait_seconds_sum{priority="card"} 0.03',
      'aixops_jobs_total{queue="read",name="diagnose",outcome="done"} 1',
      'aixops_job_wait_seconds_sum{queue="read"} 0.003',
      'aixops_ssh_open_connections{role="node"} 1',
      'aixops_ssh_open_connections{role="hmc"} 0',
      'aixops_ssh_connects_total{role="node",result="refused"} 1',
      'aixops_ssh_connect_seconds_sum{role="node",phase="handshake"} 0.04',
      'aixops_remote_commands_total{role="node",how="read",ended="exited"} 1',
      'aixops_hmc_waiting{hmc="hmc1"} 1',
      'aixops_answers_not_understood_total{command="lssrc"} 1',
      'aixops_verdicts_total{diagnostic="rmc",verdict="crit"} 1',
      'aixops_findings_total{finding="rmc.port-blocked"} 1',
      'aixops_change_moves_total{fix="rmc-restart",from="approved",to="running"} 1',
      'aixops_digests_posted_total{late="no"} 1',
      'aixops_audit_records_total{outcome="written"} 1',
      'aixops_refusals_total{rule="targets"} 1',
    ])
      expect(lines(body)).toContain(line);
  });

  it('begins at zero where the first fault must show as an increase', async () => {
    const { body } = await make().scrape('');
    for (const line of [
      'aixops_answers_not_understood_total{command="lssrc"} 0',
      'aixops_answers_not_understood_total{command="other"} 0',
      'aixops_audit_records_total{outcome="failed"} 0',
      'aixops_jobs_total{queue="read",name="diagnose",outcome="failed"} 0',
    ])
      expect(lines(body)).toContain(line);
  });

  it('makes no series of words that are not known, however many come', async () => {
    const metrics = make();
    for (let n = 0; n < 1_000; n += 1) {
      metrics.observe({ kind: 'not-understood', command: `made-up-${n}` });
      metrics.observe({ kind: 'hmc-wanted', hmc: `made-up-${n}` });
      metrics.observe({ kind: 'refused', rule: `made-up-${n}` });
      metrics.observe({ kind: 'slack-limited', method: `made-up-${n}` });
      metrics.observe({ kind: 'verdict', diagnostic: 'rmc', verdict: 'ok', findings: [`made-up-${n}`] });
      metrics.observe({ kind: 'change-moved', fix: `made-up-${n}`, from: null, to: 'proposed' });
    }
    const { body } = await metrics.scrape('');
    expect(lines(body)).toContain('aixops_answers_not_understood_total{command="other"} 1000');
    expect(lines(body)).toContain('aixops_findings_total{finding="other"} 800');
    expect(lines(body).filter((line) => line.includes('made-up-')).length).toBeLessThanOrEqual(300);
  });

  it('is never stopped by a number that is none', () => {
    const { observe } = make();
    expect(() => observe({ kind: 'card-shown', ms: Number.NaN })).not.toThrow();
    expect(() => observe({ kind: 'audit-appended', outcome: 'written', ms: 'x' as never })).not.toThrow();
  });
});

describe('how things stand', () => {
  it('is read for the scrape, with ages and times in seconds', async () => {
    const metrics = make();
    metrics.readState(() => Promise.resolve(exampleState(nowMs)));
    const { body } = await metrics.scrape('');
    for (const line of [
      'aixops_state_readable 1',
      'aixops_queue_jobs{queue="read",state="waiting"} 3',
      'aixops_queue_oldest_age_seconds{queue="read"} 42',
      'aixops_queue_paused{queue="clock"} 1',
      'aixops_changes{state="unknown"} 1',
      'aixops_change_oldest_age_seconds{state="unknown"} 7200',
      'aixops_change_oldest_age_seconds{state="running"} 0',
      'aixops_change_overdue_seconds 0',
      'aixops_outbox_messages{priority="approval"} 2',
      'aixops_outbox_oldest_age_seconds{priority="approval"} 5.5',
      'aixops_digest_overdue_seconds{channel="C0OPS"} 3600',
      'aixops_redis_problems{kind="weak"} 1',
      'aixops_hmc_sessions{hmc="hmc1"} 2',
      'aixops_frozen 1',
      'aixops_certificates_left_out 7',
      `x509_cert_not_after{node="erp1",filepath="/etc/cluster/.cert-erp1",label="1",subject_CN="erp1",issuer_CN="Site CA",owner="@unix"} ${nowMs / 1_000 - 60}`,
    ])
      expect(lines(body)).toContain(line);
    expect(lines(body).find((line) => line.startsWith('x509_cert_expired{'))).toMatch(/ 1$/);
  });

  it('has no number at all while Redis is away or does not answer in time, and has them again afterwards', async () => {
    const metrics = make();
    let how: 'away' | 'there' = 'there';
    metrics.readState(() =>
      how === 'there' ? Promise.resolve(exampleState(nowMs)) : Promise.reject(new Error('Redis is away')),
    );
    expect((await metrics.scrape('')).body).toContain('\naixops_changes{');
    how = 'away';
    metrics.readState(() => Promise.reject(new Error('Redis is away')));
    const { body } = await metrics.scrape('');
    expect(lines(body)).toContain('aixops_state_readable 0');
    expect(body).not.toMatch(/aixops_changes|x509_cert|aixops_queue/);
    metrics.readState(() => new Promise(() => undefined));
    expect(lines((await metrics.scrape('')).body)).toContain('aixops_state_readable 0');
    metrics.readState(() => Promise.resolve(exampleState(nowMs)));
    expect((await metrics.scrape('')).body).toContain('\naixops_changes{');
  });

  it('is read once for scrapes that come together', async () => {
    const metrics = make();
    let reads = 0;
    metrics.readState(() => {
      reads += 1;
      return Promise.resolve(exampleState(nowMs));
    });
    await Promise.all([metrics.scrape(''), metrics.scrape(openMetrics), metrics.scrape('')]);
    expect(reads).toBe(1);
  });

  it('keeps names that hostile certificates carry on one line', async () => {
    const metrics = make();
    const state = exampleState(nowMs);
    const [certificate] = state.certificates.all;
    if (certificate === undefined) throw new Error('the example has no certificate');
    const subjectCn = `a"b\\c\nx509_cert_expired 9\u0000${'z'.repeat(500)}`;
    const all = [{ ...certificate, subjectCn }];
    metrics.readState(() => Promise.resolve({ ...state, certificates: { ...state.certificates, all } }));
    const { body } = await metrics.scrape('');
    expect(body).toContain('subject_CN="a\\"b\\\\c x509_cert_expired 9 zzz');
    expect(body).not.toMatch(/^x509_cert_expired 9/m);
    expect(Math.max(...body.split('\n').map((line) => line.length))).toBeLessThan(400);
  });
});

describe('a scrape', () => {
  it.each([
    ['', 'text/plain; version=0.0.4; charset=utf-8'],
    ['text/plain', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/openmetrics-text;q=0', 'text/plain; version=0.0.4; charset=utf-8'],
    [openMetrics, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
  ])('asked for with Accept "%s" is %s', async (accept, type) => {
    expect((await make().scrape(accept)).type).toBe(type);
  });

  it('has each counter under the same name in both formats, however often they alternate', async () => {
    const metrics = make();
    metrics.observe({ kind: 'refused', rule: 'targets' });
    for (const accept of [openMetrics, '', openMetrics, '']) {
      const { body } = await metrics.scrape(accept);
      expect(lines(body)).toContain('aixops_refusals_total{rule="targets"} 1');
      const family = accept === '' ? 'aixops_refusals_total' : 'aixops_refusals';
      expect(body).toContain(`# TYPE ${family} counter\n`);
    }
    const { body } = await metrics.scrape(openMetrics);
    expect(body.endsWith('\n# EOF\n')).toBe(true);
    expect(body).not.toContain('\n\n');
  });

  it('pleases promtool, with one of everything in it', async ({ skip }) => {
    const prometheus = await findPart('prometheus');
    if (prometheus === null && process.env['CI'] !== 'true') skip(installLine('prometheus'));
    const metrics = make();
    for (const what of everything) metrics.observe(what);
    metrics.readState(() => Promise.resolve(exampleState(nowMs)));
    metrics.readHealth(() => ({ isReady: true, checks: [{ name: 'queues', isFailing: false }] }));
    const { body } = await metrics.scrape('');
    expect(await promtool(['check', 'metrics'], body)).toBe('ok\n');
  });
});
