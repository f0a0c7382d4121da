import type { Policy } from './schema.js';

/** More names than this are not read on a card. */
const mostNames = 8;

/** Words for a card on who may approve, apart from who asked, as Slack markup; groups are named, never mentioned, as that would wake them all. */
export function approversHint(policy: Policy): string {
  const byRule = policy.rules.filter(({ may }) => may.includes('approve') || may.includes('all'));
  const who = [...new Set([...policy.approvers, ...byRule.flatMap((rule) => rule.who)])];
  if (who.includes('everyone')) return 'anyone else';
  const names = who.filter((word) => !word.startsWith('cli:')).map(named);
  if (names.length === 0) return 'nobody yet: policy.yaml names no approvers';
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return `${names.slice(0, mostNames).join(', ')}${more}`;
}

/** Who may break the glass, as in {@link approversHint}. */
export function glassHint({ breakGlass }: Policy): string {
  const names = (breakGlass?.who ?? []).map(named);
  return names.length === 0 ? 'nobody: policy.yaml has no breakGlass' : names.slice(0, mostNames).join(', ');
}

function named(word: string): string {
  return word.startsWith('group:') ? `group ${word.slice('group:'.length)}` : `<@${word}>`;
}
