import type { Request } from '../../core/request.js';
import type { Verdict } from '../../core/verdict.js';
import { clip, escapeText, someOf } from './text.js';
import { timeOfDay } from './time.js';

/** What one look cannot tell, in a few words, by finding. */
const reasons: Readonly<Record<string, string>> = {
  'rmc.pending-authentication': 'the handshake is not finished',
  'rmc.heartbeat-down': 'messages to the HMC are queued',
};

/** `lpar4: the handshake is not finished; reading again at 03:12.`, one line for each reason; none where nothing waits. */
export function secondReadLines(request: Request): readonly string[] {
  const { phase, secondRead, verdicts } = request;
  if (phase !== 'waiting' || secondRead === undefined) return [];
  const byReason = new Map<string, string[]>();
  for (const target of secondRead.targets) {
    const reason = reasonOf(verdicts.find((verdict) => verdict.target === target));
    byReason.set(reason, [...(byReason.get(reason) ?? []), target]);
  }
  return [...byReason].map(([reason, targets]) => {
    const names = someOf(
      targets.map((name) => escapeText(clip(name, 60))),
      8,
    );
    return `▷ ${names}: ${reason}; reading again at ${timeOfDay(secondRead.at)}.`;
  });
}

function reasonOf(verdict: Verdict | undefined): string {
  const id = verdict?.findings.find((finding) => finding.needsSecondRead === true)?.id ?? '';
  return reasons[id] ?? 'one look cannot tell';
}
