import type { ActionsBlock, Button, ContextBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Message } from '../../core/message.js';
import { clipMrkdwn, plain } from './text.js';

/**
 * The classic dress: blocks that every Slack client draws. All limits are kept here, so that no view can break them.
 * Source: docs.slack.dev, Block Kit reference; the limit over all blocks together is undocumented and was observed at
 * about 13,200 characters (slackapi/bolt-js issue 2509), so the whole JSON stays below 12,000.
 */
const limits = {
  blocks: 50,
  allBlocks: 12_000,
  section: 2_900,
  context: 2_000,
  text: 3_500,
  button: 75,
} as const;

/** What a button does. It is the `action_id`; the `value` is the id of an offer, a change or a request and nothing else. */
export type Action =
  | 'offer'
  | 'approve'
  | 'reject'
  | 'withdraw'
  | 'roll-back'
  | 'look-again'
  | 'stop-reading'
  | 'close'
  | 'continue'
  | 'hand-over'
  | 'cancel'
  | 'cert-acknowledge'
  | 'cert-snooze'
  | 'cert-assign'
  | 'cert-recheck'
  | 'cert-details'
  | 'cert-clcomd'
  | 'glass-reviewed'
  | 'glass-code'
  | 'changes-newer'
  | 'changes-older'
  | 'changes-locks'
  | 'change-details'
  | 'change-file'
  | 'home-refresh'
  | 'enrol-pin'
  | 'enrol-reject'
  | 'rollout-approve'
  | 'rollout-reject'
  | 'rollout-withdraw'
  | 'rollout-stop'
  | 'rollout-rest';

export interface ButtonOptions {
  readonly style?: 'primary' | 'danger';
  /** Read aloud in place of the text. */
  readonly label?: string;
}

/** A section of ready mrkdwn, with a button beside it where one belongs to it. */
export function section(mrkdwn: string, accessory?: Button): SectionBlock {
  const text = { type: 'mrkdwn' as const, text: clipMrkdwn(mrkdwn, limits.section), verbatim: true };
  return accessory === undefined ? { type: 'section', text } : { type: 'section', text, accessory };
}

/** Small print. */
export function context(mrkdwn: string): ContextBlock {
  return {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: clipMrkdwn(mrkdwn, limits.context), verbatim: true }],
  };
}

/** A row of buttons; their actions must differ, Slack refuses the same `action_id` twice in one block. */
export function actions(buttons: readonly Button[]): ActionsBlock {
  return { type: 'actions', elements: [...buttons] };
}

/** A button that carries an id. */
export function button(action: Action, text: string, value: string, options: ButtonOptions = {}): Button {
  const { style, label } = options;
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: plain(text, limits.button) },
    value,
    ...(style === undefined ? {} : { style }),
    ...(label === undefined ? {} : { accessibility_label: plain(label, limits.button) }),
  };
}

export interface Parts {
  /** Everything that matters, for screen readers and notifications; ready mrkdwn. */
  readonly text: string;
  /** Always shown, in this order. */
  readonly first: readonly KnownBlock[];
  /** Shown after `first` as far as there is room, in this order. */
  readonly asRoomAllows?: readonly KnownBlock[];
  /** Says how many of those are left out. */
  readonly leftOut?: (blocks: number) => KnownBlock;
  /** Always shown, at the end. */
  readonly last?: readonly KnownBlock[];
  /** Newer blocks in place of `first` and `asRoomAllows`; absent where there is no rich dress. */
  readonly rich?: Pick<Parts, 'first' | 'asRoomAllows'>;
}

/** Puts a message together within the limits for the whole: blocks for which there is no room are counted, not dropped silently. */
export function message(parts: Parts): Message {
  const { rich, ...classic } = parts;
  const blocks = fitted(classic);
  const text = clipMrkdwn(parts.text, limits.text);
  if (rich === undefined) return { text, blocks };
  return { text, blocks, rich: fitted({ ...classic, asRoomAllows: [], ...rich }) };
}

function fitted(parts: Parts): readonly KnownBlock[] {
  const { asRoomAllows = [], leftOut = moreInThread } = parts;
  const kept: KnownBlock[] = [];
  // What says how much is left out needs its own place from the start.
  const roomForFixed = limits.allBlocks - 2 - weightOf([leftOut(asRoomAllows.length)]);
  const fixed = slimmed([...parts.first, ...(parts.last ?? [])], roomForFixed);
  const [first, last] = [fixed.slice(0, parts.first.length), fixed.slice(parts.first.length)];
  let room = roomForFixed - weightOf(fixed);
  let places = limits.blocks - 1 - first.length - last.length;
  for (const block of asRoomAllows) {
    room -= weightOf([block]);
    places -= 1;
    if (room < 0 || places < 0) break;
    kept.push(block);
  }
  const missing = asRoomAllows.length - kept.length;
  const note = missing === 0 ? [] : [leftOut(missing)];
  return [...first, ...kept, ...note, ...last];
}

// Each section keeps to its own limit, yet several long ones together do not fit, and a quote or a backslash of a node's
// text weighs double in JSON. The longest gives first: a message that Slack refuses is a lost result.
function slimmed(blocks: readonly KnownBlock[], room: number): readonly KnownBlock[] {
  const slim = [...blocks];
  for (let over = weightOf(slim) - room; over > 0; over = weightOf(slim) - room) {
    const longest = slim.reduce((best, block, i) => (textOf(block) > textOf(slim[best]) ? i : best), 0);
    const length = textOf(slim[longest]);
    const block = slim[longest];
    if (block?.type !== 'section' || block.text === undefined || length <= leastSection) break;
    const text = clipMrkdwn(block.text.text, Math.max(leastSection, Math.floor(length * 0.9)));
    slim[longest] = { ...block, text: { ...block.text, text } };
  }
  return slim;
}

const leastSection = 200;

function textOf(block: KnownBlock | undefined): number {
  return block?.type === 'section' ? (block.text?.text.length ?? 0) : 0;
}

/** How many characters of the limit over all blocks these take. */
export function weightOf(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0);
}

function moreInThread(blocks: number): KnownBlock {
  return context(`… and ${blocks} more in the thread.`);
}
