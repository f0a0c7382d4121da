/**
 * Every kind of record in the audit trail. Codes are stable: what collects them elsewhere filters by them, so a code is
 * added, and never renamed. docs/audit.md lists them with these words.
 */
export const auditCodes = {
  'request.accepted': 'Somebody asked for something that they may ask for; it is queued.',
  'request.refused': 'Somebody was refused. The rule that refused is in the detail.',
  'request.stopped':
    'A person stopped a diagnosis that was under way, or asked for the same anew; the newer one is in the detail.',
  'verdict.reached': 'A diagnosis has ended; the worst verdict is in the detail.',
  'change.proposed': 'A plan is frozen and shown for approval, under its digest.',
  'change.decided': 'A person approved, rejected, withdrew, closed or carried on a change.',
  'change.refused': 'No plan was made: a gate or the facts forbid it.',
  'change.held':
    'An approved change waits for its window, or for the end of a freeze. Nothing of it has run.',
  'change.started':
    'An approved plan begins to run: who asked, who approved, and as whom nodes are logged in to.',
  'step.intended': 'A step is about to run. Written before it; if that fails, the step does not run.',
  'step.ended': 'A step has ended; its exit status is in the detail.',
  'lock.released': 'A person takes a lock away from a change by force; the reason is in the detail.',
  'change.ended': 'A change has reached an end, or its outcome is not known.',
  'freeze.on': 'A person froze all changes; the reason is in the detail.',
  'freeze.off': 'A person lifted a freeze; who had set it, and why, is in the detail.',
  'glass.broken':
    'A person opened windows and freezes for one target, for a few minutes. It approves nothing.',
  'glass.used': 'A change begins because somebody broke the glass. Written before it begins.',
  'glass.review-posted': 'What was done under broken glass was put before the others, the next morning.',
  'glass.reviewed': 'Another person said that what was done under broken glass was looked at.',
  'host-key.shown': 'Host keys were fetched and shown for approval; nothing is pinned yet.',
  'host-key.decided': 'A person approved or rejected host keys, or nobody decided in time.',
  'host-key.pinned': 'Host keys were pinned in Redis, exactly those that were shown.',
  'rollout.proposed':
    'The plans of one fix for many targets are frozen and shown for approval, under one digest.',
  'rollout.decided': 'A person approved, rejected, withdrew or stopped a roll-out.',
  'rollout.started': 'An approved roll-out begins: who asked, who approved, how many targets.',
  'rollout.wave': 'The next targets of a roll-out are about to begin. Each is a change of its own.',
  'rollout.stopping': 'A target was not verified: nothing new of its roll-out begins.',
  'rollout.ended': 'A roll-out has reached its end; how many targets were verified is in the detail.',
  'digest.posted': 'A digest of certificates is on its way to its channel.',
  'digest.marked': 'A person acknowledged, snoozed, assigned or had read again a line of the digest.',
  'audit.trimmed':
    'Records that were kept for long enough are about to be taken away; an anchor stands for them.',
  'step-up.given': 'A person gave the code of their authenticator before an approval.',
  'step-up.refused':
    'Such a code was wrong, used already or locked, or the person has none; which is in the detail.',
} as const;

export type AuditCode = keyof typeof auditCodes;
