import {
  marked,
  marksOf,
  questionOf,
  renamed,
  taped,
  unmarked,
  type Answer,
  type Names,
  type Tape,
} from './tape.js';

type Ask = (command: string, stdin: string) => Answer | null;

/**
 * The answers of one LPAR. A framed script gets its own marks back; whatever else is run gets the same bytes without
 * frames, so that other tools carry as much as we do.
 */
export function answersOfNode(tape: Tape, lparId: number, names: Names): Ask {
  const known = tape.nodes[String(lparId)] ?? {};
  const cached = new Map<string, Answer>();
  const answerTo = (question: string): Answer | null => {
    const found = cached.get(question);
    if (found !== undefined) return found;
    const answer = known[question];
    if (answer === undefined) return null;
    const mine = {
      ...answer,
      stdout: renamed(answer.stdout, taped, names),
      stderr: renamed(answer.stderr, taped, names),
    };
    cached.set(question, mine);
    return mine;
  };
  return (command, stdin) => {
    const marks = marksOf(stdin);
    if (marks === null) return plainAnswer(known, command, names);
    const answer = answerTo(questionOf(command, renamed(unmarked(stdin, marks), names, taped)));
    return answer === null ? null : { ...answer, stdout: marked(answer.stdout, marks) };
  };
}

/** The same answers with other certificates in the place of those on the tape, in the order in which they stand; `own` may be none. */
export function withCertificates(ask: Ask, own: readonly string[]): Ask {
  if (own.length === 0) return ask;
  return (command, stdin) => {
    const answer = ask(command, stdin);
    if (answer?.stdout.includes('-----BEGIN CERTIFICATE-----') !== true) return answer;
    let next = 0;
    const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g;
    const stdout = answer.stdout.replace(section, (_all, begin: string, _n, text: string, end: string) => {
      const mine = text.replace(block, (taken) => own[next++] ?? taken);
      return `${begin}${mine}${end}${mine.split('\n').length - 1} ${Buffer.byteLength(mine)}`;
    });
    return { ...answer, stdout };
  };
}

/** What one command of a framed script printed; its frame says how many lines and bytes that were. */
const section = /(@\S+ begin (\d+)\n)([^]*?)(\n@\S+ err \2\n[^]*?\n@\S+ end \2 ran \d+ )\d+ \d+/g;

/** What the longest taped answer printed, without its frames. */
function plainAnswer(known: Readonly<Record<string, Answer>>, command: string, names: Names): Answer | null {
  const answers = Object.entries(known);
  const exact = answers.find(([question]) => question === command)?.[1];
  const longest = answers.map(([, answer]) => answer).sort((a, b) => b.stdout.length - a.stdout.length)[0];
  const answer = exact ?? longest;
  if (answer === undefined) return null;
  const stdout = renamed(answer.stdout, taped, names).replace(/^(?:@FRAMEMARK.*)?\n/gm, '');
  return { stdout, stderr: '', exitCode: 0 };
}

/**
 * The answers of one HMC with these systems. A question that names a system is answered for it; one that does not is answered
 * for all of them, one after the other, where the answer tells of systems, and numbers such as `<#3>` run on.
 */
export function answersOfHmc(tape: Tape, systems: readonly Names[]): Ask {
  const cached = new Map<string, Answer | null>();
  const work = (command: string): Answer | null => {
    const [first] = systems;
    if (first === undefined) return null;
    const named = systems.find(({ system }) => command.includes(system)) ?? null;
    const answer = tape.hmc[renamed(command, named ?? first, taped)];
    if (answer === undefined) return null;
    const tellsOfSystems = [taped.system, taped.serial, taped.nodes].some((name) =>
      answer.stdout.includes(name),
    );
    const all = named === null && tellsOfSystems ? systems : [named ?? first];
    const hasHeader = command.endsWith('--header');
    const blocks = all.map((names) => renamed(answer.stdout, taped, names));
    const rest = blocks.slice(1).map((block) => (hasHeader ? block.slice(block.indexOf('\n') + 1) : block));
    return { ...answer, stdout: numberedOn([...blocks.slice(0, 1), ...rest].join('')) };
  };
  return (command) => {
    if (!cached.has(command)) cached.set(command, work(command));
    return cached.get(command) ?? null;
  };
}

function numberedOn(text: string): string {
  let next = 0;
  return text.replace(/^<#\d+>/gm, () => `<#${next++}>`);
}
