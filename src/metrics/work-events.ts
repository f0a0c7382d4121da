import type { Observed } from '../core/observe.js';
import { levels } from '../core/verdict.js';
import type { Instruments } from './instruments.js';
import { among, first, type Words } from './words.js';

type WorkNotice = Extract<
  Observed,
  { kind: 'job-ended' | 'verdict' | 'change-moved' | 'digest-posted' | 'audit-appended' }
>;

const jobBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];
const waitBuckets = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const auditBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What is counted about jobs and what comes of them. */
export function workInstruments(make: Instruments, { jobs, fixes, diagnostics }: Words) {
  const verdicts = make.counter('aixops_verdicts_total', 'Verdicts that were reached.', [
    'diagnostic',
    'verdict',
  ]);
  for (const diagnostic of diagnostics)
    for (const verdict of levels) verdicts.inc({ diagnostic, verdict }, 0);
  const records = make.counter('aixops_audit_records_total', 'Records for the audit trail.', ['outcome']);
  for (const outcome of ['written', 'failed']) records.inc({ outcome }, 0);
  const digests = make.counter('aixops_digests_posted_total', 'Daily digests that were posted.', ['late']);
  for (const late of ['yes', 'no']) digests.inc({ late }, 0);
  // Prometheus has a label `job` of its own.
  const ended = make.counter('aixops_jobs_total', 'Jobs that ended.', ['queue', 'name', 'outcome']);
  for (const { name, queue } of jobs) ended.inc({ queue, name, outcome: 'failed' }, 0);
  return {
    verdicts,
    records,
    digests,
    jobs: ended,
    job: make.histogram('aixops_job_seconds', 'How long jobs took.', jobBuckets, ['queue', 'name']),
    waited: make.histogram(
      'aixops_job_wait_seconds',
      'How long jobs waited until a process took them, from when they could be taken.',
      waitBuckets,
      ['queue'],
    ),
    findings: make.counter('aixops_findings_total', 'Findings in those verdicts, by their ids.', ['finding']),
    moves: make.counter('aixops_change_moves_total', 'Moves of changes from one state to another.', [
      'fix',
      'from',
      'to',
    ]),
    append: make.histogram(
      'aixops_audit_append_seconds',
      'How long a record of the audit trail took to be written.',
      auditBuckets,
    ),
    jobOf: among(jobs.map(({ name }) => name)),
    fixOf: among(fixes),
    findingOf: first(200),
  };
}

/** Counts one thing that was noticed about jobs. */
export function recordWork(to: ReturnType<typeof workInstruments>, what: WorkNotice): void {
  switch (what.kind) {
    case 'job-ended': {
      const { queue, outcome, ms, waitedMs } = what;
      const name = to.jobOf(what.job);
      to.jobs.inc({ queue, name, outcome });
      to.job.observe({ queue, name }, ms / 1_000);
      if (waitedMs !== null) to.waited.observe({ queue }, waitedMs / 1_000);
      return;
    }
    case 'verdict':
      to.verdicts.inc({ diagnostic: what.diagnostic, verdict: what.verdict });
      for (const finding of what.findings) to.findings.inc({ finding: to.findingOf(finding) });
      return;
    case 'change-moved': {
      to.moves.inc({ fix: to.fixOf(what.fix), from: what.from ?? 'new', to: what.to });
      return;
    }
    case 'digest-posted': {
      to.digests.inc({ late: what.isLate ? 'yes' : 'no' });
      return;
    }
    case 'audit-appended':
      to.records.inc({ outcome: what.outcome });
      {
        to.append.observe(what.ms / 1_000);
        return;
      }
  }
}
