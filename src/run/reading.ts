import { CommandError, errorInfo, LostError } from '../core/errors.js';
import type { Answer, Evidence, Fact, Reading } from '../core/fact.js';
import type { Outcome } from '../core/outcome.js';
import { redactIn } from '../core/redact.js';
import { renderCommand } from '../core/remote-command.js';
import type { Transport } from '../ssh/transport.js';

/** Characters of output kept as evidence: 64 Ki. Views clip it further. */
const keptChars = 64 * 1024;

/**
 * What one remote command's outcome says of its fact. Only a command that exited 0, or with a status that its fact
 * names, can give a value; any other exit gives the command's own failure where its reader knows it (the HMC prints
 * those on stdout), and otherwise nothing. The way that it came by is told of an answer that was not understood.
 */
export function toReading<T>(
  targetName: string,
  fact: Fact<T>,
  outcome: Outcome | undefined,
  way?: Pick<Transport, 'notUnderstood'>,
): Reading<T> {
  const evidence = evidenceOf(targetName, fact, outcome);
  try {
    if (outcome === undefined) throw new CommandError(`${evidence.command} on ${targetName} was not run.`);
    const answer = answerOf(targetName, fact, outcome, evidence.command);
    if (answer.kind === 'failure') return { kind: 'failure', failure: answer.failure, evidence };
    return { kind: 'value', value: answer.facts, evidence };
  } catch (error) {
    // Readers meet hostile output; whatever they throw, the fact was not read.
    if (!isOfCommand(error)) way?.notUnderstood(fact.reader.id);
    return { kind: 'unread', error: errorInfo(error), evidence };
  }
}

/** The command did not answer: that is no fault of its reader. */
function isOfCommand(error: unknown): boolean {
  return error instanceof CommandError || error instanceof LostError;
}

function answerOf<T>(target: string, fact: Fact<T>, outcome: Outcome, command: string): Answer<T> {
  if (outcome.ended !== 'exited') throw endedEarly(target, fact, outcome, command);
  const { stdout, stderr, exitCode } = outcome;
  // Silence is an answer of some commands, but not while stderr complains.
  const isAnswer = exitCode === 0 || (exitCode !== null && (fact.exits ?? []).includes(exitCode));
  const isPlain = isAnswer && (stdout.trim() !== '' || stderr.trim() === '');
  if (isPlain) return fact.reader.read(stdout, fact.options);
  const failure = failureIn(fact, stdout) ?? failureIn(fact, stderr);
  if (failure !== null) return failure;
  const said = firstLine(stderr) || firstLine(stdout) || 'nothing was printed';
  throw new CommandError(`${command} on ${target} exited ${String(exitCode)}: ${said}`);
}

function failureIn<T>(fact: Fact<T>, text: string): Answer<T> | null {
  if (text.trim() === '') return null;
  try {
    const answer = fact.reader.read(text, fact.options);
    // Facts printed by a command that failed may be half of them.
    return answer.kind === 'failure' ? answer : null;
  } catch {
    return null;
  }
}

function endedEarly(target: string, fact: Fact<unknown>, outcome: Outcome, command: string): Error {
  const on = `${command} on ${target}`;
  switch (outcome.ended) {
    case 'timed-out':
      return new LostError(
        `${on} was stopped after ${Math.round(fact.command.timeoutMs / 1000)} s without an end.`,
      );
    case 'lost':
      return new LostError(`${on} lost its connection.`);
    case 'too-long':
      return new CommandError(`${on} printed more than ${Math.round(fact.command.maxBytes / 1024)} KiB.`);
    default:
      return new CommandError(
        `${on} was ended by a signal${outcome.signal === null ? '' : ` (${outcome.signal})`}.`,
      );
  }
}

function evidenceOf(target: string, fact: Fact<unknown>, outcome: Outcome | undefined): Evidence {
  const texts = [outcome?.stdout ?? '', outcome?.stderr ?? ''].filter((text) => text.trim() !== '');
  const whole = texts.join('\n');
  const excerpt =
    whole.length > keptChars
      ? `${whole.slice(0, keptChars)}\n[cut here: ${whole.length} characters in all]`
      : whole;
  return redactIn({ target, command: renderCommand(fact.command), excerpt });
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.trim().slice(0, 200) ?? '';
}
