import { brokenNodes, wellNodes } from './rolling-estate.js';

/** One thing that a person types. */
export interface Order {
  readonly how: 'command' | 'mention';
  /** With its slash. */
  readonly command: string;
  readonly text: string;
  readonly user: string;
  readonly channel: string;
  /** `card`: a request that a worker carries out. `private`: answered at once, to this person alone. */
  readonly answer: 'card' | 'private';
}

export const channels: readonly string[] = Array.from({ length: 20 }, (_, n) => `C0R${10 + n}`);

type Kind = Pick<Order, 'how' | 'command' | 'text' | 'answer'>;

/**
 * A mix of what people ask, in one order for every run: no two that make a card are the same in the same channel, so that
 * each can be told apart afterwards.
 */
export function orders(count: number): readonly Order[] {
  return Array.from({ length: count }, (_, n) => {
    const user = n % 2 === 0 ? 'UALICE' : 'UCAROL';
    return { ...kindOf(n), user, channel: channels[n % channels.length] ?? '' };
  });
}

function kindOf(n: number): Kind {
  const round = Math.floor(n / channels.length);
  const well = wellNodes[round % wellNodes.length] ?? '';
  const card = { how: 'command', answer: 'card' } as const;
  const fixes = Math.floor(n / 12);
  if (n % 12 === 5 && fixes < brokenNodes.length)
    return { ...card, command: '/rmc-fix', text: `${brokenNodes[fixes] ?? ''} rmc-restart` };
  switch (n % 6) {
    case 0:
      return { ...card, command: '/rmc-status', text: `${well} --now` };
    case 1:
      return { how: 'command', command: '/changes', text: '', answer: 'private' };
    case 2:
      return { ...card, command: '/rsct-level', text: well };
    case 3:
      return { how: 'command', command: '/aix-help', text: '', answer: 'private' };
    case 4:
      return round % 2 === 0
        ? { ...card, how: 'mention', command: '/rmc-status', text: `${well} --deep` }
        : { how: 'command', command: '/changes', text: well, answer: 'private' };
    default:
      return { how: 'command', command: '/aix-help', text: 'rmc-status', answer: 'private' };
  }
}
