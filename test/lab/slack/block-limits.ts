import {
  checkCount,
  checkElement,
  checkOptionalText,
  checkString,
  checkText,
  type Report,
} from './element-limits.js';
import { isJson, objectsIn, textOf, type Json } from './json.js';

/** Where blocks stand decides how many there may be and which kinds. */
export type Surface = 'message' | 'modal' | 'home';

/**
 * Blocks that Slack knows and the page of the local Slack cannot draw. They are refused as a workspace refuses them
 * that has not got them yet, so that the bot's plain dress is what is seen; `accept` lets them pass.
 */
export const undrawnBlocks = [
  'table',
  'data_table',
  'data_visualization',
  'plan',
  'task_card',
  'alert',
  'card',
  'carousel',
] as const;

const knownBlocks = [
  'section',
  'header',
  'divider',
  'context',
  'context_actions',
  'image',
  'actions',
  'input',
  'rich_text',
  'markdown',
  'file',
  'video',
  'call',
];

/** Everything that Slack would find wrong with these blocks, in its own words; empty when it would take them. */
export function blockProblems(blocks: unknown, surface: Surface, accept: readonly string[]): string[] {
  const problems: string[] = [];
  const report: Report = (message, pointer) => {
    problems.push(`[ERROR] ${message} [json-pointer:${pointer}]`);
  };
  if (!Array.isArray(blocks)) return ['[ERROR] must be an array [json-pointer:/blocks]'];
  checkCount(blocks, 0, surface === 'message' ? 50 : 100, '/blocks', report);
  blocks.forEach((block: unknown, at) => {
    if (isJson(block)) checkBlock(block, `/blocks/${at}`, { surface, accept, report });
    else report('must be an object', `/blocks/${at}`);
  });
  checkUnique(
    objectsIn(blocks).map((block) => block.block_id),
    'block_id',
    '/blocks',
    report,
  );
  const markdown = objectsIn(blocks).filter((block) => block.type === 'markdown');
  if (markdown.reduce((sum, block) => sum + textOf(block.text).length, 0) > 12_000)
    report('must be less than 12001 characters in all markdown blocks', '/blocks');
  return problems;
}

interface Rules {
  readonly surface: Surface;
  readonly accept: readonly string[];
  readonly report: Report;
}

function checkBlock(block: Json, pointer: string, rules: Rules): void {
  const { report } = rules;
  const type = textOf(block.type);
  checkString(block.block_id, 255, `${pointer}/block_id`, report);
  const isUndrawn = (undrawnBlocks as readonly string[]).includes(type);
  const isKnown = knownBlocks.includes(type) || (isUndrawn && rules.accept.includes(type));
  if (!isKnown) {
    report(`unsupported type: ${type}`, `${pointer}/type`);
    return;
  }
  if (type === 'alert' && rules.surface !== 'modal') report('alert is for modals only', `${pointer}/type`);
  switch (type) {
    case 'section': {
      checkSection(block, pointer, report);
      return;
    }
    case 'header': {
      checkText(block.text, `${pointer}/text`, { max: 150, isPlain: true }, report);
      return;
    }
    case 'context': {
      checkContext(block, pointer, report);
      return;
    }
    case 'actions': {
      checkActions(block, pointer, report);
      return;
    }
    case 'input': {
      checkInput(block, pointer, report);
      return;
    }
    case 'image': {
      checkImage(block, pointer, report);
      return;
    }
    case 'table':
    case 'data_table': {
      checkTable(block, pointer, report);
      return;
    }
    default:
  }
}

function checkSection(block: Json, pointer: string, report: Report): void {
  if (block.text === undefined && block.fields === undefined) report('text or fields required', pointer);
  checkOptionalText(block.text, `${pointer}/text`, { max: 3_000 }, report);
  if (block.fields !== undefined) {
    checkCount(block.fields, 1, 10, `${pointer}/fields`, report);
    objectsIn(block.fields).forEach((field, at) =>
      checkText(field, `${pointer}/fields/${at}`, { max: 2_000 }, report),
    );
  }
  if (isJson(block.accessory)) checkElement(block.accessory, `${pointer}/accessory`, report);
}

function checkContext(block: Json, pointer: string, report: Report): void {
  checkCount(block.elements, 1, 10, `${pointer}/elements`, report);
  objectsIn(block.elements).forEach((element, at) => {
    if (element.type !== 'image') checkText(element, `${pointer}/elements/${at}`, { max: 3_000 }, report);
  });
}

function checkActions(block: Json, pointer: string, report: Report): void {
  checkCount(block.elements, 1, 25, `${pointer}/elements`, report);
  const elements = objectsIn(block.elements);
  elements.forEach((element, at) => checkElement(element, `${pointer}/elements/${at}`, report));
  checkUnique(
    elements.map((element) => element.action_id),
    'action_id',
    `${pointer}/elements`,
    report,
  );
}

function checkInput(block: Json, pointer: string, report: Report): void {
  checkText(block.label, `${pointer}/label`, { max: 2_000, isPlain: true }, report);
  checkOptionalText(block.hint, `${pointer}/hint`, { max: 2_000, isPlain: true }, report);
  if (isJson(block.element)) checkElement(block.element, `${pointer}/element`, report);
  else report('missing required field: element', pointer);
}

function checkImage(block: Json, pointer: string, report: Report): void {
  if (block.image_url === undefined && block.slack_file === undefined)
    report('image_url or slack_file required', pointer);
  checkString(block.image_url, 3_000, `${pointer}/image_url`, report);
  if (typeof block.alt_text !== 'string') report('missing required field: alt_text', pointer);
  checkString(block.alt_text, 2_000, `${pointer}/alt_text`, report);
  checkOptionalText(block.title, `${pointer}/title`, { max: 2_000, isPlain: true }, report);
}

/** `table`: 100 rows and 20 columns; `data_table`: a header row and 100 more, all equally long, with a caption. */
function checkTable(block: Json, pointer: string, report: Report): void {
  const isDataTable = block.type === 'data_table';
  checkCount(block.rows, 1, isDataTable ? 101 : 100, `${pointer}/rows`, report);
  const rows = Array.isArray(block.rows)
    ? block.rows.filter((row): row is unknown[] => Array.isArray(row))
    : [];
  rows.forEach((row, at) => {
    if (row.length > 20) report('no more than 20 items allowed', `${pointer}/rows/${at}`);
    if (isDataTable && row.length !== rows[0]?.length)
      report('rows differ in length', `${pointer}/rows/${at}`);
  });
  if (isDataTable && textOf(block.caption) === '' && !isJson(block.caption))
    report('missing required field: caption', pointer);
}

function checkUnique(ids: readonly unknown[], name: string, pointer: string, report: Report): void {
  const given = ids.filter((id) => typeof id === 'string');
  const double = given.find((id, at) => given.indexOf(id) !== at);
  if (double !== undefined) report(`${name} "${double}" already exists`, pointer);
}
