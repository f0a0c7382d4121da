import type { Observed } from '../core/observe.js';
import type { Instruments } from './instruments.js';
import { first } from './words.js';

type SlackNotice = Extract<
  Observed,
  { kind: 'slack-entry' | 'slack-limited' | 'card-shown' | 'message-sent' | 'message-failed' | 'refused' }
>;

// What is promised lies on an edge: 300 ms for acknowledgements (Slack's own limit is 3 s), 1.5 s for the first card.
const ackBuckets = [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 1.5, 2, 2.5, 3];
const cardBuckets = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60];
const waitBuckets = [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60, 300, 900];

/** What is counted about Slack. */
export function slackInstruments(make: Instruments) {
  const entries = make.counter(
    'aixops_slack_entries_total',
    'What Slack delivered, by kind and by what became of it.',
    ['entry', 'outcome'],
  );
  for (const entry of ['command', 'mention', 'click', 'form', 'typeahead', 'home', 'other'])
    for (const outcome of ['acknowledged', 'left', 'unanswered']) entries.inc({ entry, outcome }, 0);
  const refusals = make.counter('aixops_refusals_total', 'What the policy refused, by its rule.', ['rule']);
  const firstCard = make.histogram(
    'aixops_first_card_seconds',
    'From a request to its first card in Slack.',
    cardBuckets,
  );
  return {
    entries,
    refusals,
    firstCard,
    ack: make.histogram('aixops_slack_ack_seconds', 'From a delivery to its acknowledgement.', ackBuckets, [
      'entry',
    ]),
    limited: make.counter('aixops_slack_limited_total', 'Answers 429 of the Web API of Slack, by method.', [
      'method',
    ]),
    sent: make.counter('aixops_messages_sent_total', 'Messages that Slack took.', ['method', 'priority']),
    failed: make.counter('aixops_messages_failed_total', 'Tries to send a message that Slack did not take.', [
      'method',
      'problem',
    ]),
    waited: make.histogram(
      'aixops_message_wait_seconds',
      'How long messages waited in the outbox until Slack had them.',
      waitBuckets,
      ['priority'],
    ),
    methodOf: first(50),
    ruleOf: first(50),
  };
}

/** Counts one thing that was noticed about Slack. */
export function recordSlack(to: ReturnType<typeof slackInstruments>, what: SlackNotice): void {
  switch (what.kind) {
    case 'slack-entry':
      to.entries.inc({ entry: what.entry, outcome: what.outcome });
      if (what.outcome !== 'left') to.ack.observe({ entry: what.entry }, what.ms / 1_000);
      return;
    case 'slack-limited': {
      to.limited.inc({ method: to.methodOf(what.method) });
      return;
    }
    case 'card-shown': {
      to.firstCard.observe(Math.max(0, what.ms) / 1_000);
      return;
    }
    case 'message-sent':
      to.sent.inc({ method: what.method, priority: what.priority });
      if (what.waitedMs !== null) to.waited.observe({ priority: what.priority }, what.waitedMs / 1_000);
      return;
    case 'message-failed': {
      to.failed.inc({ method: what.method, problem: what.problem });
      return;
    }
    case 'refused': {
      to.refusals.inc({ rule: to.ruleOf(what.rule) });
      return;
    }
  }
}
