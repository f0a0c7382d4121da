import { isJson, textOf, type Json } from './json.js';

/**
 * Slack's limits on what stands inside blocks. Each problem is a sentence with a JSON pointer, as Slack gives them in
 * `response_metadata.messages`. Source: docs.slack.dev, Block Kit reference; the types of @slack/types.
 */
export type Report = (message: string, pointer: string) => void;

export interface TextRule {
  readonly max: number;
  readonly isPlain?: boolean;
}

/** A text object of at most `max` characters. */
export function checkText(text: unknown, pointer: string, rule: TextRule, report: Report): void {
  if (!isJson(text)) {
    report('missing required field: text object', pointer);
    return;
  }
  const { type } = text;
  if (type !== 'plain_text' && type !== 'mrkdwn') {
    report('unsupported text type', `${pointer}/type`);
    return;
  }
  if (rule.isPlain === true && type !== 'plain_text') report('must be plain_text', `${pointer}/type`);
  const length = textOf(text.text).length;
  if (length === 0) report('must be more than 0 characters', `${pointer}/text`);
  if (length > rule.max) report(`must be less than ${rule.max + 1} characters`, `${pointer}/text`);
}

/** A text object where one is given. */
export function checkOptionalText(text: unknown, pointer: string, rule: TextRule, report: Report): void {
  if (text !== undefined) checkText(text, pointer, rule, report);
}

/** A string field of at most `max` characters where one is given. */
export function checkString(value: unknown, max: number, pointer: string, report: Report): void {
  if (value === undefined) return;
  if (typeof value !== 'string') {
    report('must be a string', pointer);
    return;
  }
  if (value.length > max) report(`must be less than ${max + 1} characters`, pointer);
}

/** A list of between `min` and `max` items where one is given. */
export function checkCount(list: unknown, min: number, max: number, pointer: string, report: Report): void {
  if (!Array.isArray(list)) {
    report('must be a list', pointer);
    return;
  }
  if (list.length < min) report(`no fewer than ${min} items allowed`, pointer);
  if (list.length > max) report(`no more than ${max} items allowed`, pointer);
}

const optionLimits: Record<string, number> = {
  static_select: 100,
  multi_static_select: 100,
  overflow: 5,
  radio_buttons: 10,
  checkboxes: 10,
};

const otherElements = [
  'external_select',
  'multi_external_select',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'multi_conversations_select',
  'channels_select',
  'multi_channels_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'plain_text_input',
  'email_text_input',
  'url_text_input',
  'number_input',
  'rich_text_input',
  'file_input',
  'workflow_button',
  'icon_button',
  'feedback_buttons',
  'image',
];

/** A button, a select or another element. */
export function checkElement(element: Json, pointer: string, report: Report): void {
  const type = textOf(element.type);
  checkString(element.action_id, 255, `${pointer}/action_id`, report);
  checkOptionalText(element.placeholder, `${pointer}/placeholder`, { max: 150, isPlain: true }, report);
  if (element.confirm !== undefined) checkConfirm(element.confirm, `${pointer}/confirm`, report);
  if (type === 'button') checkButton(element, pointer, report);
  else if (type in optionLimits) checkOptions(element, optionLimits[type] ?? 0, pointer, report);
  else if (!otherElements.includes(type)) report(`unsupported type: ${type}`, `${pointer}/type`);
  const longest = element.max_length;
  if (typeof longest === 'number' && longest > 3_000)
    report('must be less than 3001', `${pointer}/max_length`);
}

function checkButton(button: Json, pointer: string, report: Report): void {
  checkText(button.text, `${pointer}/text`, { max: 75, isPlain: true }, report);
  checkString(button.value, 2_000, `${pointer}/value`, report);
  checkString(button.url, 3_000, `${pointer}/url`, report);
  checkString(button.accessibility_label, 75, `${pointer}/accessibility_label`, report);
  if (button.style !== undefined && button.style !== 'primary' && button.style !== 'danger')
    report('must be primary or danger', `${pointer}/style`);
}

function checkConfirm(confirm: unknown, pointer: string, report: Report): void {
  if (!isJson(confirm)) {
    report('must be an object', pointer);
    return;
  }
  checkText(confirm.title, `${pointer}/title`, { max: 100, isPlain: true }, report);
  checkText(confirm.text, `${pointer}/text`, { max: 300 }, report);
  checkOptionalText(confirm.confirm, `${pointer}/confirm`, { max: 30, isPlain: true }, report);
  checkOptionalText(confirm.deny, `${pointer}/deny`, { max: 30, isPlain: true }, report);
}

function checkOptions(element: Json, max: number, pointer: string, report: Report): void {
  if (Array.isArray(element.option_groups)) {
    checkCount(element.option_groups, 1, 100, `${pointer}/option_groups`, report);
    element.option_groups.forEach((group: unknown, at) => {
      if (isJson(group))
        checkOptionList(group.options, max, `${pointer}/option_groups/${at}/options`, report);
    });
    return;
  }
  checkOptionList(element.options, max, `${pointer}/options`, report);
}

/** Options of a select, whether they stand in the block or are the answer to a typeahead. */
export function checkOptionList(options: unknown, max: number, pointer: string, report: Report): void {
  checkCount(options, 1, max, pointer, report);
  if (!Array.isArray(options)) return;
  options.forEach((option: unknown, at) => {
    if (!isJson(option)) {
      report('must be an object', `${pointer}/${at}`);
      return;
    }
    checkText(option.text, `${pointer}/${at}/text`, { max: 75 }, report);
    checkString(option.value, 150, `${pointer}/${at}/value`, report);
    checkOptionalText(option.description, `${pointer}/${at}/description`, { max: 75 }, report);
  });
}
