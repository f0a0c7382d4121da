import {
  commands,
  findCommand,
  findTopic,
  nearCommand,
  parseArguments,
  type Parsed,
} from '../../commands/index.js';
import { explanationsOf, usageOf, type Command } from '../../commands/command.js';
import { plainText } from '../core/typed-text.js';
import type { Message } from '../core/message.js';
import { noGrounds, type Grounds } from '../core/grounds.js';
import { askerOf, type Wish } from '../core/request.js';
import type { GroundsDemand } from './approval-tools.js';
import { attempt } from './attempt.js';
import { carriedOut } from './deeds.js';
import { say, sentences } from './sentences.js';
import type { Arrival, Reply, SlackLog, SlackTools } from './tools.js';
import { commandErrorMessage, type CommandError } from './views/command-error.js';
import { commandHelpMessage, helpMessage, topicMessage, type HelpEntry } from './views/help.js';

/** Words that somebody typed behind a command, wherever they did. */
export interface Asked {
  /** With or without its slash. */
  readonly command: string;
  readonly text: string;
  /** Whether a form can be opened: Slack gives no way to do so from a mention. */
  readonly canOpenForm: boolean;
  /** Something that may be asked once only, besides the delivery itself. */
  readonly claim?: string;
  /** What was said besides the words, in a form. */
  readonly grounds?: Grounds;
}

/**
 * One way for slash commands, mentions and forms: seen before? → understood? → allowed? → written down and queued.
 * Resolves only when all of that is durable, and never rejects: what went wrong is in the reply.
 */
export async function ask(arrival: Arrival, asked: Asked, tools: SlackTools, log: SlackLog): Promise<Reply> {
  const tried = await attempt('ask', { log, reference: arrival.key }, () => answer(arrival, asked, tools));
  // From here on the person is told, or will be: it is not done again. Where this is forgotten it is at worst done twice.
  if (tried.kind !== 'done' || tried.value.kind !== 'repeated')
    void tools.keepSeen(arrival.key).catch(() => undefined);
  if (tried.kind === 'done') return tried.value;
  if (tried.kind === 'explained') return priv(tried.message);
  return say(tried.kind === 'failed' ? sentences.notQueued : sentences.perhapsQueued);
}

/**
 * Slack sends an event again that was not acknowledged within three seconds. Where a bot died over it, it is new to the bot
 * that gets it then.
 */
const takenForMs = 2_900;

async function answer(arrival: Arrival, asked: Asked, tools: SlackTools): Promise<Reply> {
  if (!(await tools.once(arrival.key, takenForMs))) return { kind: 'repeated' };
  const command = findCommand(asked.command);
  if (command === null) return priv(await help(arrival, unknownCommand(asked.command), tools));
  const parsed = parseArguments(command, asked.text, tools.vocabulary());
  switch (parsed.kind) {
    case 'error':
      // What was perhaps meant names targets, which not everyone is shown.
      return (await closed(arrival, command, tools)) ?? wrong(parsed);
    case 'help':
      return priv(await explained(arrival, parsed.command, tools));
    case 'form':
      if (!asked.canOpenForm) return wrong(nothingTyped(command));
      // The inventory is in the form, so it is opened only for those who may use the command.
      return (await closed(arrival, command, tools)) ?? { kind: 'form' };
    case 'deed':
      return await carriedOut(parsed.deed, parsed.asked, arrival, tools);
    case 'request':
      return await request(arrival, asked, parsed, tools);
  }
}

async function request(
  arrival: Arrival,
  asked: Asked,
  { wish: typed, asked: line }: Parsed & { kind: 'request' },
  tools: SlackTools,
): Promise<Reply> {
  const wish = asked.grounds === undefined ? typed : withGrounds(typed, asked.grounds);
  const may = await tools.desk.mayAsk(askerOf(arrival), wish, line);
  if (!may.allowed) return say(`${may.sentence} Nothing was run.`);
  const lacks = await tools.desk.lacking(wish);
  if (lacks !== null) return lacking(lacks, line, asked);
  if (asked.claim !== undefined && !(await tools.once(asked.claim))) return { kind: 'done' };
  const { teamId, channel, user, threadTs } = arrival;
  try {
    await tools.desk.submit(wish, line, { teamId, channel, user, threadTs });
    return { kind: 'done' };
  } catch (error) {
    // Where Redis is away this fails as well, and the first error says more.
    if (asked.claim !== undefined) await tools.forget(asked.claim).catch(() => undefined);
    throw error;
  }
}

/** Longer lines do not fit into what a form remembers. */
const longestLine = 2_000;

/** Asks for what the policy wants to know: in a form where one can be opened, else by the line to type. */
function lacking(demand: GroundsDemand, line: string, asked: Asked): Reply {
  const { command, text, canOpenForm, grounds } = asked;
  if (canOpenForm && text.length <= longestLine)
    return { kind: 'ask', demand, again: { what: 'line', command, text } };
  // Said in a form already: it stays open, and its field tells what does not fit.
  if (grounds !== undefined) return say(demand.problem);
  const { reason, ticket, said } = demand;
  const typed = `${findCommand(command)?.name ?? command} ${text}`.trim();
  const words = [
    ...(reason && said.reason === null ? ['--reason "why"'] : []),
    ...(ticket === null ? [] : [`--ticket ${ticket}`]),
  ];
  return wrong({ understood: line, message: demand.problem, hint: [typed, ...words].join(' ') });
}

function withGrounds(wish: Wish, { reason, ticket }: Grounds): Wish {
  if (!(wish.job === 'propose-fix' || wish.job === 'propose-rollout' || wish.job === 'roll-back'))
    return wish;
  const said = wish.grounds ?? noGrounds;
  return { ...wish, grounds: { reason: reason ?? said.reason, ticket: ticket ?? said.ticket } };
}

/** Why this person can do nothing at all with a command; null where there is something. */
async function closed(arrival: Arrival, command: Command, tools: SlackTools): Promise<Reply | null> {
  if (command.action === 'help' || (await tools.reach(askerOf(arrival), command)).isOpen) return null;
  // Asked once more for the reason, which is written down.
  const may = await tools.desk.mayI(askerOf(arrival), command.action, command.name, { ahead: true });
  return say(may.allowed ? `You may not use ${command.name} here.` : `${may.sentence} Nothing was run.`);
}

async function explained(arrival: Arrival, name: string | null, tools: SlackTools): Promise<Message> {
  if (name === null) return await help(arrival, '', tools);
  const one = findCommand(name);
  if (one === null) {
    const topic = findTopic(name);
    return topic === null ? await help(arrival, unknownCommand(name), tools) : topicMessage(topic);
  }
  const { isOpen } = await tools.reach(askerOf(arrival), one);
  return isOpen
    ? commandHelpMessage(entryOf(one))
    : await help(arrival, `You may not use ${one.name} here.`, tools);
}

/** Help on the commands that this person may use; nobody is refused anything by looking. */
async function help(arrival: Arrival, lead: string, tools: SlackTools): Promise<Message> {
  const shown: HelpEntry[] = [];
  for (const one of commands) {
    const { isOpen } = await tools.reach(askerOf(arrival), one);
    if (isOpen) shown.push(entryOf(one));
  }
  return helpMessage(shown, lead);
}

function unknownCommand(name: string): string {
  if (name === '') return '';
  const shown = plainText(name).slice(0, 60);
  const near = nearCommand(shown);
  return near === null
    ? `There is no command "${shown}".`
    : `There is no command "${shown}". Did you mean ${near}?`;
}

function nothingTyped(command: Command): CommandError {
  const needed = Object.values(command.args).filter((argument) => argument.isNeeded);
  const message = needed.map((argument) => `${argument.usage} is missing. ${argument.explains}`).join(' ');
  return { understood: command.name, message, hint: usageOf(command) };
}

function entryOf(command: Command): HelpEntry {
  const { name, summary, description, examples } = command;
  return { name, usage: usageOf(command), summary, description, examples, explains: explanationsOf(command) };
}

function wrong(error: CommandError): Reply {
  const plain = `${error.message} Type: ${error.hint}`;
  return { kind: 'private', message: commandErrorMessage(error), plain };
}

function priv(message: Message): Reply {
  return { kind: 'private', message, plain: message.text };
}
