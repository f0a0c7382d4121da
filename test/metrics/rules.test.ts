import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { promtool } from '../lab/prometheus.js';
import { findPart, installLine } from '../lab/system-parts.js';
import { temporaryFolder } from '../temporary-folder.js';

const rulesFile = new URL('../../helm/files/aixops.rules.yaml', import.meta.url).pathname;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Series with one value a minute, as promtool writes them down, and whether the alert fires after 20 minutes. */
interface Case {
  readonly alert: string;
  readonly series: Readonly<Record<string, string>>;
  readonly fires: boolean;
}

const steady = (value: number): string => `${value}x30`;
const there = { 'aixops_ready{role="bot"}': steady(1), 'aixops_ready{role="worker"}': steady(1) };

const cases: readonly Case[] = [
  {
    alert: 'AixopsUnknownOutcome',
    fires: true,
    series: {
      'aixops_changes{state="unknown",instance="a"}': steady(1),
      'aixops_changes{state="unknown",instance="b"}': steady(1),
    },
  },
  {
    alert: 'AixopsUnknownOutcome',
    fires: false,
    series: { 'aixops_changes{state="unknown"}': steady(0), 'aixops_changes{state="running"}': steady(5) },
  },
  {
    alert: 'AixopsChangeStuck',
    fires: true,
    series: { 'aixops_change_oldest_age_seconds{state="verifying"}': '3000+60x30' },
  },
  {
    alert: 'AixopsChangeStuck',
    fires: false,
    series: {
      'aixops_change_oldest_age_seconds{state="waiting"}': steady(90_000),
      'aixops_change_oldest_age_seconds{state="running"}': steady(3_000),
    },
  },
  { alert: 'AixopsChangeOverdue', fires: true, series: { aixops_change_overdue_seconds: '0+60x30' } },
  { alert: 'AixopsChangeOverdue', fires: false, series: { aixops_change_overdue_seconds: steady(20) } },
  {
    alert: 'AixopsApprovalExpiring',
    fires: true,
    series: { aixops_approval_first_expiry_timestamp_seconds: steady(1_500) },
  },
  {
    alert: 'AixopsApprovalExpiring',
    fires: false,
    series: { aixops_approval_first_expiry_timestamp_seconds: steady(9_000) },
  },
  {
    alert: 'AixopsOutboxDelayed',
    fires: true,
    series: { 'aixops_outbox_oldest_age_seconds{priority="approval"}': '0+60x30' },
  },
  {
    alert: 'AixopsOutboxDelayed',
    fires: true,
    series: { 'aixops_outbox_oldest_age_seconds{priority="digest"}': '0+60x30' },
  },
  {
    alert: 'AixopsOutboxDelayed',
    fires: false,
    series: {
      'aixops_outbox_oldest_age_seconds{priority="digest"}': steady(600),
      'aixops_outbox_oldest_age_seconds{priority="card"}': steady(60),
    },
  },
  {
    alert: 'AixopsSlackLimited',
    fires: true,
    series: { 'aixops_slack_limited_total{method="chat.postMessage"}': '0+10x30' },
  },
  {
    alert: 'AixopsSlackLimited',
    fires: false,
    series: { 'aixops_slack_limited_total{method="chat.postMessage"}': '0+1x30' },
  },
  {
    alert: 'AixopsAckSlow',
    fires: true,
    series: {
      'aixops_slack_ack_seconds_bucket{entry="command",le="0.3"}': '0+10x30',
      'aixops_slack_ack_seconds_bucket{entry="command",le="2.5"}': '0+12x30',
      'aixops_slack_ack_seconds_bucket{entry="command",le="+Inf"}': '0+12x30',
    },
  },
  {
    alert: 'AixopsAckSlow',
    fires: false,
    series: {
      'aixops_slack_ack_seconds_bucket{entry="command",le="0.3"}': '0+12x30',
      'aixops_slack_ack_seconds_bucket{entry="command",le="2.5"}': '0+12x30',
      'aixops_slack_ack_seconds_bucket{entry="command",le="+Inf"}': '0+12x30',
    },
  },
  {
    alert: 'AixopsNoDigest',
    fires: true,
    series: { 'aixops_digest_overdue_seconds{channel="C0OPS"}': '3000+60x30' },
  },
  {
    alert: 'AixopsNoDigest',
    fires: false,
    series: { 'aixops_digest_overdue_seconds{channel="C0OPS"}': '0+60x30' },
  },
  {
    alert: 'AixopsAnswerNotUnderstood',
    fires: true,
    series: {
      'aixops_answers_not_understood_total{command="lssrc"}': '0x15 1x15',
      'aixops_answers_not_understood_total{command="other"}': steady(0),
    },
  },
  {
    alert: 'AixopsAnswerNotUnderstood',
    fires: false,
    series: { 'aixops_answers_not_understood_total{command="lssrc"}': steady(3) },
  },
  {
    alert: 'AixopsHmcBusy',
    fires: true,
    series: {
      'aixops_hmc_wait_seconds_bucket{hmc="hmc1",le="60"}': '0+8x30',
      'aixops_hmc_wait_seconds_bucket{hmc="hmc1",le="120"}': '0+10x30',
      'aixops_hmc_wait_seconds_bucket{hmc="hmc1",le="+Inf"}': '0+10x30',
    },
  },
  {
    alert: 'AixopsHmcBusy',
    fires: true,
    series: {
      'aixops_hmc_waiting{hmc="hmc1",instance="a"}': steady(8),
      'aixops_hmc_waiting{hmc="hmc1",instance="b"}': steady(8),
    },
  },
  {
    alert: 'AixopsHmcBusy',
    fires: false,
    series: {
      'aixops_hmc_wait_seconds_bucket{hmc="hmc1",le="60"}': '0+10x30',
      'aixops_hmc_wait_seconds_bucket{hmc="hmc1",le="+Inf"}': '0+10x30',
      'aixops_hmc_waiting{hmc="hmc1"}': '0 20 0 20 0 20 0 20 0 20 0 20 0 20 0 20 0 20 0 20 0',
    },
  },
  {
    alert: 'AixopsNoBotReady',
    fires: true,
    series: {
      'aixops_ready{role="bot",instance="a"}': steady(0),
      'aixops_ready{role="bot",instance="b"}': steady(0),
    },
  },
  { alert: 'AixopsNoBotReady', fires: true, series: { 'aixops_ready{role="worker"}': steady(1) } },
  {
    alert: 'AixopsNoBotReady',
    fires: false,
    series: {
      'aixops_ready{role="bot",instance="a"}': steady(0),
      'aixops_ready{role="all",instance="b"}': steady(1),
    },
  },
  { alert: 'AixopsNoWorkerReady', fires: true, series: { 'aixops_ready{role="bot"}': steady(1) } },
  { alert: 'AixopsNoWorkerReady', fires: false, series: there },
  {
    alert: 'AixopsQueueNotTaken',
    fires: true,
    series: { 'aixops_queue_oldest_age_seconds{queue="read"}': '0+60x30' },
  },
  {
    alert: 'AixopsQueueNotTaken',
    fires: false,
    series: { 'aixops_queue_oldest_age_seconds{queue="read"}': steady(20) },
  },
  {
    alert: 'AixopsJobsFailing',
    fires: true,
    series: { 'aixops_jobs_total{queue="read",name="diagnose",outcome="failed"}': '0+1x30' },
  },
  {
    alert: 'AixopsJobsFailing',
    fires: false,
    series: {
      'aixops_jobs_total{queue="read",name="diagnose",outcome="failed"}': steady(9),
      'aixops_jobs_total{queue="read",name="diagnose",outcome="done"}': '0+50x30',
    },
  },
  {
    alert: 'AixopsRedisSettings',
    fires: true,
    series: { 'aixops_redis_problems{kind="unsafe"}': steady(1) },
  },
  {
    alert: 'AixopsRedisSettings',
    fires: false,
    series: {
      'aixops_redis_problems{kind="unsafe"}': steady(0),
      'aixops_redis_problems{kind="untold"}': steady(1),
      'aixops_redis_problems{kind="frail"}': steady(1),
    },
  },
  {
    alert: 'AixopsStateUnreadable',
    fires: true,
    series: {
      'aixops_state_readable{instance="a"}': steady(1),
      'aixops_state_readable{instance="b"}': steady(0),
    },
  },
  {
    alert: 'AixopsStateUnreadable',
    fires: false,
    series: { 'aixops_state_readable{instance="a"}': steady(1) },
  },
  { alert: 'AixopsAuditBehind', fires: true, series: { aixops_audit_unsealed_records: steady(40) } },
  {
    alert: 'AixopsAuditBehind',
    fires: true,
    series: {
      aixops_audit_unsealed_records: steady(40),
      aixops_audit_last_checkpoint_timestamp_seconds: steady(-9_000),
    },
  },
  {
    alert: 'AixopsAuditBehind',
    fires: false,
    series: {
      aixops_audit_unsealed_records: steady(40),
      aixops_audit_last_checkpoint_timestamp_seconds: steady(0),
    },
  },
  {
    alert: 'AixopsAuditBehind',
    fires: false,
    series: {
      aixops_audit_unsealed_records: steady(0),
      aixops_audit_last_checkpoint_timestamp_seconds: steady(-90_000),
    },
  },
  { alert: 'AixopsAuditShort', fires: true, series: { aixops_audit_unsealed_records: steady(-1) } },
  { alert: 'AixopsAuditShort', fires: false, series: { aixops_audit_unsealed_records: steady(0) } },
  {
    alert: 'AixopsAuditNotWritten',
    fires: true,
    series: {
      'aixops_audit_records_total{outcome="failed"}': '0x15 2x15',
      'aixops_audit_records_total{outcome="written"}': steady(9),
    },
  },
  {
    alert: 'AixopsAuditNotWritten',
    fires: false,
    series: {
      'aixops_audit_records_total{outcome="failed"}': steady(2),
      'aixops_audit_records_total{outcome="written"}': '0+5x30',
    },
  },
];

describe('the rules', () => {
  it('say what happened, what to do and where to read on, in every alert', () => {
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^Aixops[A-Z]/);
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/^[A-Z]/);
      expect(annotations.description).toMatch(/\.$/);
      expect(annotations.runbook_url).toBe(`docs/operations/alerts.md#${alert.toLowerCase()}`);
    }
  });

  it('are each tried with what makes them fire and with what does not', () => {
    const tried = (fires: boolean): string[] =>
      [...new Set(cases.filter((one) => one.fires === fires).map(({ alert }) => alert))].sort();
    const all = rules.map(({ alert }) => alert).sort();
    expect(tried(true)).toEqual(all);
    expect(tried(false)).toEqual(all);
  });

  it('please promtool, and fire when they should and not else', { timeout: 60_000 }, async ({ skip }) => {
    if ((await findPart('prometheus')) === null && process.env['CI'] !== 'true')
      skip(installLine('prometheus'));
    expect(await promtool(['check', 'rules', rulesFile])).toMatch(/^ok\n/);
    const tests = cases.map(({ alert, series, fires }, number) => ({
      name: `${number} ${alert} ${fires ? 'fires' : 'does not fire'}`,
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0 or vector(0)`,
          eval_time: '20m',
          exp_samples: [{ labels: '{}', value: fires ? 1 : 0 }],
        },
      ],
    }));
    const file = join(temporaryFolder(), 'tests.yaml');
    writeFileSync(file, stringify({ rule_files: [rulesFile], evaluation_interval: '1m', tests }));
    expect(await promtool(['test', 'rules', file])).toMatch(/^ok\n/);
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { uid: string };
  }[];
}

describe('the dashboard', () => {
  const file = new URL('../../helm/files/aixops-dashboard.json', import.meta.url).pathname;
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly uid: string;
    readonly panels: readonly Panel[];
    readonly templating: { readonly list: readonly { readonly name: string }[] };
  };
  const drawn = dashboard.panels.filter(({ type }) => type !== 'row');

  it('chooses data source, namespace and job, and asks nobody else', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'namespace', 'job']);
    for (const { targets = [] } of drawn)
      for (const { datasource, expr } of targets) {
        expect(datasource.uid).toBe('${datasource}');
        for (const [selector] of expr.matchAll(/\{[^{}]*\}/g))
          expect(selector).toContain('namespace=~"$namespace", job=~"$job"');
      }
  });

  it('says of every panel what it shows and in which unit, and puts none over another', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const taken = new Set<string>();
    for (const { title, description, fieldConfig, targets, gridPos } of drawn) {
      expect(description, title).toMatch(/\.$/);
      expect(fieldConfig?.defaults.unit, title).toMatch(/^[a-z]+$/);
      expect(new Set(targets?.map(({ refId }) => refId)).size, title).toBe(targets?.length);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x).toBeLessThan(24);
          expect(taken.has(`${x} ${y}`), title).toBe(false);
          taken.add(`${x} ${y}`);
        }
    }
  });

  it('asks questions that Prometheus understands', async ({ skip }) => {
    if ((await findPart('prometheus')) === null && process.env['CI'] !== 'true')
      skip(installLine('prometheus'));
    const asked = drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = asked.map((expr, number) => ({
      record: `panel:question:${number}`,
      expr: expr.replaceAll(/\$\w+/g, '.*'),
    }));
    const questions = join(temporaryFolder(), 'questions.yaml');
    writeFileSync(questions, stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(await promtool(['check', 'rules', questions])).toMatch(/^ok\n/);
  });
});
