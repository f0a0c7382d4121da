import type { HomeView, KnownBlock, ModalView } from '@slack/types';
import type { Message } from '../../src/core/message.js';

/**
 * Slack's limits for one message, from the Block Kit reference (docs.slack.dev); the limit over all blocks is not
 * documented and was observed at about 13,200 characters (slackapi/bolt-js issue 2509), hence 12,000 here.
 */
const limit = {
  blocks: 50,
  allBlocks: 12_000,
  text: 4_000,
  section: 2_958,
  sectionFields: 10,
  field: 2_000,
  header: 150,
  contextElements: 10,
  actionElements: 25,
  id: 255,
  button: 75,
  value: 2_000,
  label: 75,
} as const;

/** Every limit that the message breaks, and everything in it that could ping, link or hide; empty when it is well. */
function problemsOf(message: Message): readonly string[] {
  const problems: string[] = [];
  const atMost = (what: string, length: number, most: number): void => {
    if (length > most) problems.push(`${what}: ${length} is more than ${most}`);
  };
  if (message.text.trim() === '')
    problems.push('text is empty: screen readers and notifications read only it');
  atMost('text', message.text.length, limit.text);
  atMost('blocks', message.blocks.length, limit.blocks);
  atMost('all blocks', JSON.stringify(message.blocks).length, limit.allBlocks);
  problems.push(...textProblems('text', message.text));
  const ids = message.blocks.flatMap((block) => (block.block_id === undefined ? [] : [block.block_id]));
  if (new Set(ids).size !== ids.length) problems.push('the same block_id twice');
  message.blocks.forEach((block, i) => problems.push(...blockProblems(block, `block ${i} (${block.type})`)));
  if (message.rich !== undefined) problems.push(...richProblems(message.rich));
  return problems;
}

/** Source: docs.slack.dev, data table and plan blocks. */
function richProblems(blocks: readonly KnownBlock[]): readonly string[] {
  const problems: string[] = [];
  if (blocks.length > limit.blocks) problems.push(`rich: ${blocks.length} blocks`);
  if (JSON.stringify(blocks).length > limit.allBlocks) problems.push('rich: more than all blocks may hold');
  for (const block of blocks) {
    if (block.type === 'data_table') {
      const [header = []] = block.rows;
      if (block.rows.length > 101) problems.push(`rich: ${block.rows.length} rows`);
      if (block.rows.some((row) => row.length !== header.length))
        problems.push('rich: rows of unequal length');
      if (block.rows.flat().some((cell) => 'text' in cell && cell.text === ''))
        problems.push('rich: an empty cell');
      if (block.caption === '') problems.push('rich: no caption');
    } else if (block.type === 'plan') {
      if (block.title === '' || block.tasks === undefined) problems.push('rich: an empty plan');
    } else problems.push(...blockProblems(block, `rich (${block.type})`));
  }
  return problems;
}

/** A form or a Home tab holds twice as many blocks, and more of everything. */
const viewLimits = { blocks: 100, all: 250_000, metadata: 3_000 } as const;

/** Throws with every problem at once. */
export function checkView(view: HomeView | ModalView): void {
  const problems = view.blocks.flatMap((block, i) =>
    block.type === 'input' ? [] : blockProblems(block as KnownBlock, `block ${i} (${block.type})`),
  );
  if (view.blocks.length > viewLimits.blocks) problems.push(`${view.blocks.length} blocks`);
  if (JSON.stringify(view).length > viewLimits.all) problems.push('the view is too large');
  if ((view.private_metadata ?? '').length > viewLimits.metadata) problems.push('too much metadata');
  if (problems.length > 0) throw new Error(`Slack would refuse or misread this:\n${problems.join('\n')}`);
}

/** Throws with every problem at once. */
export function checkMessage(message: Message): void {
  const problems = problemsOf(message);
  if (problems.length > 0) throw new Error(`Slack would refuse or misread this:\n${problems.join('\n')}`);
}

function blockProblems(block: KnownBlock, where: string): readonly string[] {
  const problems: string[] = [];
  const atMost = (what: string, length: number, most: number): void => {
    if (length > most) problems.push(`${where} ${what}: ${length} is more than ${most}`);
  };
  atMost('block_id', block.block_id?.length ?? 0, limit.id);
  switch (block.type) {
    case 'divider':
      break;
    case 'header':
      atMost('text', block.text.text.length, limit.header);
      break;
    case 'section': {
      const text = block.text?.text ?? '';
      if (text === '' && block.fields === undefined) problems.push(`${where}: neither text nor fields`);
      atMost('text', text.length, limit.section);
      atMost('fields', block.fields?.length ?? 0, limit.sectionFields);
      for (const field of block.fields ?? []) atMost('field', field.text.length, limit.field);
      if (block.text?.type === 'mrkdwn' && block.text.verbatim !== true)
        problems.push(`${where}: not verbatim`);
      problems.push(...textProblems(where, text));
      if (block.accessory !== undefined) problems.push(...elementProblems([block.accessory], where));
      break;
    }
    case 'context':
      if (block.elements.length === 0) problems.push(`${where}: no elements`);
      atMost('elements', block.elements.length, limit.contextElements);
      for (const element of block.elements) {
        if (element.type === 'image') continue;
        if (element.text === '') problems.push(`${where}: empty text`);
        atMost('text', element.text.length, limit.section);
        problems.push(...textProblems(where, element.text));
      }
      break;
    case 'actions':
      if (block.elements.length === 0) problems.push(`${where}: no elements`);
      atMost('elements', block.elements.length, limit.actionElements);
      problems.push(...elementProblems(block.elements, where));
      break;
    default:
      problems.push(`${where}: not drawn by every client`);
  }
  return problems;
}

interface Element {
  readonly type: string;
  readonly action_id?: string;
}

function elementProblems(elements: readonly Element[], where: string): readonly string[] {
  const problems: string[] = [];
  const ids = elements.map((element) => element.action_id);
  if (new Set(ids).size !== ids.length) problems.push(`${where}: the same action_id twice in one block`);
  for (const element of elements) {
    if (!isButton(element)) {
      problems.push(`${where}: ${element.type} is not used here`);
      continue;
    }
    const { text, value, url, accessibility_label: label } = element;
    if (url !== undefined) {
      if (!url.startsWith('https://')) problems.push(`${where}: a link that is none of ours`);
      continue;
    }
    if (text.text === '' || text.text.length > limit.button)
      problems.push(`${where}: button text of ${text.text.length}`);
    if (value === '' || value.length > limit.value)
      problems.push(`${where}: button value of ${value.length}`);
    if ((label?.length ?? 0) > limit.label)
      problems.push(`${where}: accessibility label of ${label?.length ?? 0}`);
    if (/[<>&]|\p{Cs}/u.test(text.text)) problems.push(`${where}: markup in a plain text: ${text.text}`);
  }
  return problems;
}

interface ButtonLike extends Element {
  readonly url?: string;
  readonly text: { readonly text: string };
  readonly value: string;
  readonly accessibility_label?: string;
}

function isButton(element: Element): element is ButtonLike {
  return element.type === 'button';
}

/** Markup that we write ourselves: user and group mentions, and date tokens. */
const ours =
  /<@[UW][A-Z0-9]{2,20}>|<!subteam\^S[A-Z0-9]+>|<!date\^\d+\^(?:\{date_short_pretty\} )?\{time\}\|[^<>|]+>/g;

function textProblems(where: string, text: string): readonly string[] {
  const problems: string[] = [];
  const rest = text.replace(ours, '');
  if (/[<>]/.test(rest))
    problems.push(`${where}: raw markup: ${/.{0,20}[<>].{0,20}/s.exec(rest)?.[0] ?? ''}`);
  if (/&(?!amp;|lt;|gt;)/.test(rest))
    problems.push(`${where}: a broken entity: ${/.{0,20}&(?!amp;|lt;|gt;).{0,10}/s.exec(rest)?.[0] ?? ''}`);
  if (
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/.test(
      rest.replaceAll('\t', ''),
    )
  )
    problems.push(`${where}: an invisible character`);
  if (/\p{Cs}/u.test(text)) problems.push(`${where}: half a character`);
  const outsideCode = rest.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  if (/(?<![\w.])@[a-z]/i.test(outsideCode))
    problems.push(`${where}: could call somebody: ${outsideCode.slice(0, 80)}`);
  if (outsideCode.includes('://')) problems.push(`${where}: could become a link`);
  if ((rest.match(/```/g) ?? []).length % 2 !== 0) problems.push(`${where}: an open code block`);
  return problems;
}
