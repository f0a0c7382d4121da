/** What the Slack edge knows of itself, as checks. */
import type { Look } from './board.js';

interface TokenState {
  readonly kind: 'untried' | 'good' | 'refused' | 'absent' | 'scopes';
  readonly sentence: string | null;
}

/** Whether Slack takes the bot token. That Slack is away is no fault of the token: whether it is good cannot be told then. */
export function lookAtToken(token: () => TokenState): Look {
  return () => {
    const { kind, sentence } = token();
    if (kind === 'refused')
      return {
        state: 'failing',
        sentence: `${sentence ?? ''} Set SLACK_BOT_TOKEN and restart. Until then commands are taken, and answers are kept.`,
      };
    if (kind === 'good') return { state: 'ok', sentence: '' };
    return {
      state: kind === 'scopes' ? 'warn' : 'unknown',
      sentence: sentence ?? 'It has not been tried yet.',
    };
  };
}

interface DoorView {
  readonly kind: 'open' | 'closed' | 'unknown';
  readonly sentence: string;
}

/** Whether something can arrive from Slack. */
export function lookAtDoor(door: () => Promise<DoorView>): Look {
  return async () => {
    const { kind, sentence } = await door();
    return { state: kind === 'open' ? 'ok' : kind === 'closed' ? 'failing' : 'unknown', sentence };
  };
}
