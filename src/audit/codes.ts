/**
 * Every kind of record in the audit trail. Codes are stable: what collects them elsewhere filters by them, so a code is
 * added, and never renamed. docs/audit.md lists them with these words.
 */
export const auditCodes = {
  'request.accepted': 'Somebody asked for something that they may ask for; it is queued.',
  'request.refused': 'Somebody was refused. The rule that refused is in the detail.',
  'verdict.reached': 'A diagnosis has ended; the worst verdict is in the detail.',
  'change.proposed': 'A plan is frozen and shown for approval, under its digest.',
  'change.decided': 'A person approved, rejected, withdrew, closed or carried on a change.',
  'change.refused': 'No plan was made: a gate or the facts forbid it.',
  'change.started':
    'An approved plan begins to run: who asked, who approved, and as whom nodes are logged in to.',
  'step.intended': 'A step is about to run. Written before it; if that fails, the step does not run.',
  'step.ended': 'A step has ended; its exit status is in the detail.',
  'change.ended': 'A change has reached an end, or its outcome is not known.',
  'digest.posted': 'A digest of certificates is on its way to its channel.',
  'digest.marked': 'A person acknowledged, snoozed, assigned or had read again a line of the digest.',
} as const;

export type AuditCode = keyof typeof auditCodes;
