import { blockProblems } from './block-limits.js';
import { isJson, objectsIn, textOf, type Json } from './json.js';

/** Why Slack would refuse a call: its error code and, where it gives them, its sentences. */
export interface Refusal {
  readonly error: string;
  readonly messages?: readonly string[];
}

/** About what all blocks of a message may have together; undocumented, observed in slackapi/bolt-js issue 2509. */
const allBlocks = 13_200;

/** What Slack would find wrong with a message (also an update, an ephemeral, a response); null when it takes it. */
export function messageRefusal(args: Json, accept: readonly string[]): Refusal | null {
  const { blocks, attachments } = args;
  const text = textOf(args.text);
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  const hasAttachments = Array.isArray(attachments) && attachments.length > 0;
  if (typeof blocks === 'string') return { error: 'invalid_blocks_format' };
  if (text === '' && !hasBlocks && !hasAttachments) return { error: 'no_text' };
  if (text.length > 40_000) return { error: 'msg_too_long' };
  if (hasAttachments && attachments.length > 100) return { error: 'too_many_attachments' };
  if (blocks === undefined || blocks === null) return null;
  if (!Array.isArray(blocks)) return { error: 'invalid_blocks_format' };
  const tables = objectsIn(blocks).filter((block) => block.type === 'table');
  if (tables.length > 1 && accept.includes('table')) return { error: 'only_one_table_allowed' };
  const problems = blockProblems(blocks, 'message', accept);
  if (problems.length > 0) return { error: 'invalid_blocks', messages: problems };
  // Counted as JSON, which is stricter than counting the words: who stays below it stays below Slack's.
  if (JSON.stringify(blocks).length > allBlocks) return { error: 'msg_blocks_too_long' };
  return null;
}

/** What Slack would find wrong with a modal or a Home tab; null when it takes it. */
export function viewRefusal(view: unknown, accept: readonly string[]): Refusal | null {
  if (!isJson(view))
    return { error: 'invalid_arguments', messages: ['[ERROR] missing required field: view'] };
  const isModal = view.type === 'modal';
  const problems = blockProblems(view.blocks, isModal ? 'modal' : 'home', accept);
  const report = (message: string, pointer: string): void => {
    problems.push(`[ERROR] ${message} [json-pointer:${pointer}]`);
  };
  if (!isModal && view.type !== 'home') report('must be modal or home', '/view/type');
  if (isModal) for (const field of ['title', 'submit', 'close']) checkLabel(view, field, report);
  if (textOf(view.private_metadata).length > 3_000)
    report('must be less than 3001 characters', '/view/private_metadata');
  if (textOf(view.callback_id).length > 255) report('must be less than 256 characters', '/view/callback_id');
  const hasInput = objectsIn(view.blocks).some((block) => block.type === 'input');
  if (isModal && hasInput && view.submit === undefined) report('submit required with input blocks', '/view');
  if (JSON.stringify(view).length > 250_000) return { error: 'view_too_large' };
  return problems.length > 0 ? { error: 'invalid_arguments', messages: problems } : null;
}

function checkLabel(view: Json, field: string, report: (message: string, pointer: string) => void): void {
  const label = view[field];
  if (label === undefined && field !== 'title') return;
  const text = isJson(label) && label.type === 'plain_text' ? textOf(label.text) : '';
  if (text === '') {
    report('missing required field: plain_text', `/view/${field}`);
    return;
  }
  if (text.length > 24) report('must be less than 25 characters', `/view/${field}/text`);
}
