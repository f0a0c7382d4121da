import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/**
 * The thread in which x509.js is kept, alone. It is a C library of 2013 compiled to JavaScript: it calls
 * `process.exit(1)` when it stumbles, which ends a thread but would end this process, and crafted certificates make it
 * loop for ever. So there is a time limit, the thread has a memory limit, what it prints is thrown away, and after a death
 * the next certificate gets a fresh one. Waking a thread costs as much as reading a certificate: what waits is handed over
 * together, and where that goes wrong each is read alone. Source: x509.js 1.0.0, index.js (`parseCert`).
 */
export interface X509Thread {
  /** What x509.js says of one PEM certificate; a thread that dies or hangs is an answer, never thrown. */
  read(pem: string): Promise<X509ThreadAnswer>;
  close(): Promise<void>;
}

export type X509ThreadAnswer =
  | {
      readonly kind: 'read';
      readonly serial: string;
      readonly notBefore: string;
      readonly notAfter: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface X509ThreadOptions {
  /** For one certificate, or a few that are handed over together; milliseconds. */
  readonly timeoutMs: number;
  /** For loading the library: 0.5 s on an idle machine, several on a busy one; milliseconds. */
  readonly startMs: number;
  /** Absolute path of the module that has `parseCert`. */
  readonly library: string;
}

/** The defaults; the library is found as Node finds it, and loaded nowhere but in the thread. */
export function x509ThreadDefaults(): X509ThreadOptions {
  const require = createRequire(import.meta.url);
  const library = require.resolve('x509.js');
  return { timeoutMs: 2_000, startMs: 15_000, library };
}

// Loaded, it takes 17 MB of array buffer and 7 MB of heap; compiling takes more for a moment.
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

// A text and not a file: the same under tsc's output and under a runner of TypeScript. The answer is copied field by
// field, so that nothing but three texts leaves the thread. What the library prints ends where it is printed: reading the
// thread's own streams out here would keep a program from ending.
const program = `
const { parentPort, workerData } = require('node:worker_threads');
process.stdout.write = process.stderr.write = () => true;
const { parseCert } = require(workerData.library);
const text = (value) => String(value).slice(0, 100000);
const read = (pem) => {
  try {
    const said = parseCert(pem);
    return { kind: 'read', serial: text(said.serial), notBefore: text(said.notBefore), notAfter: text(said.notAfter) };
  } catch (error) {
    return { kind: 'failed', reason: 'x509.js cannot read it' };
  }
};
parentPort.on('message', (pems) => parentPort.postMessage(pems.map(read)));
parentPort.postMessage('ready');
`;

/** So many are handed over together; they take a few milliseconds. */
const atOnce = 16;

interface Waiting {
  readonly pem: string;
  readonly answer: (answer: X509ThreadAnswer) => void;
}

/** Starts nothing yet: the thread comes with the first certificate. */
export function createX509Thread(options: X509ThreadOptions): X509Thread {
  const thread = new Reader(options);
  const waiting: Waiting[] = [];
  let isServing = false;

  const serve = async (): Promise<void> => {
    isServing = true;
    for (let some = waiting.splice(0, atOnce); some.length > 0; some = waiting.splice(0, atOnce)) {
      const answers = await thread.readTogether(some.map(({ pem }) => pem));
      for (const [at, { pem, answer }] of some.entries())
        answer(answers?.[at] ?? (await thread.readAlone(pem)));
    }
    isServing = false;
  };

  return {
    read: (pem) =>
      new Promise((answer) => {
        waiting.push({ pem, answer });
        if (!isServing) void serve();
      }),
    close: () => thread.close(),
  };
}

/** The thread, whichever it is just now. It is asked one thing at a time. */
class Reader {
  private worker: Worker | null = null;
  private isClosed = false;

  constructor(private readonly options: X509ThreadOptions) {}

  /** An answer for each; null where it gave none, for the sake of one of them or because the machine stood still. */
  async readTogether(pems: readonly string[]): Promise<readonly X509ThreadAnswer[] | null> {
    const said = this.isClosed ? closed : await this.ask(pems);
    if ('answers' in said) return said.answers;
    return 'reason' in said ? pems.map(() => said) : null;
  }

  async readAlone(pem: string): Promise<X509ThreadAnswer> {
    const wasFresh = this.worker === null;
    const first = this.isClosed ? closed : await this.ask([pem]);
    // A thread that had read others may have died of one of them.
    const isOther = 'ended' in first && first.ended === 'died' && !wasFresh;
    const said = isOther ? await this.ask([pem]) : first;
    if ('answers' in said) return said.answers[0] ?? senseless;
    if ('reason' in said) return said;
    return { kind: 'failed', reason: `x509.js ${wordsFor(said, this.options.timeoutMs)}` };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.drop();
  }

  private async ask(pems: readonly string[]): Promise<Answers | Failed | Ended> {
    const thread = await this.ready();
    if (typeof thread === 'string') return { kind: 'failed', reason: thread };
    const answer = heard(thread, this.options.timeoutMs);
    thread.postMessage(pems);
    const said = await answer;
    if ('message' in said && areAnswers(said.message, pems.length)) return { answers: said.message };
    await this.drop();
    return 'message' in said ? senseless : said;
  }

  /** The thread, loaded; or why there is none. */
  private async ready(): Promise<Worker | string> {
    if (this.worker !== null) return this.worker;
    let begun: Worker;
    try {
      begun = start(this.options.library);
    } catch (error) {
      return `x509.js could not be started: ${(error as Error).message}`;
    }
    begun.once('exit', () => {
      if (this.worker === begun) this.worker = null;
    });
    this.worker = begun;
    const started = await heard(begun, this.options.startMs);
    if ('message' in started) return begun;
    await this.drop();
    return `x509.js could not be started: it ${wordsFor(started, this.options.startMs)}`;
  }

  private async drop(): Promise<void> {
    const dropped = this.worker;
    this.worker = null;
    // Gone either way.
    await dropped?.terminate().catch(() => undefined);
  }
}

interface Answers {
  readonly answers: readonly X509ThreadAnswer[];
}

type Failed = Extract<X509ThreadAnswer, { kind: 'failed' }>;

const closed: Failed = { kind: 'failed', reason: 'the parser was closed' };
const senseless: Failed = { kind: 'failed', reason: 'x509.js gave an answer that makes no sense' };

function start(library: string): Worker {
  const worker = new Worker(program, {
    eval: true,
    workerData: { library },
    stdin: false,
    stdout: true,
    stderr: true,
    env: {},
    argv: [],
    execArgv: [],
    resourceLimits,
  });
  // An `error` that nobody hears would end this process.
  worker.on('error', () => undefined);
  // An idle thread keeps no program from ending; while it is asked, the timer of its limit does.
  worker.unref();
  return worker;
}

interface Ended {
  readonly ended: 'timed-out' | 'died';
}

type Heard = { readonly message: unknown } | Ended;

/** The next message of the thread, its death, or the end of patience. */
function heard(worker: Worker, limitMs: number): Promise<Heard> {
  return new Promise((resolve) => {
    const settle = (what: Heard): void => {
      clearTimeout(timer);
      worker.off('message', spoke);
      worker.off('exit', died);
      resolve(what);
    };
    const spoke = (message: unknown): void => settle({ message });
    const died = (): void => settle({ ended: 'died' });
    // Once more round: after a busy spell of this process the timer is due before the answer that came in time.
    const timer = setTimeout(() => setImmediate(() => settle({ ended: 'timed-out' })), limitMs);
    worker.on('message', spoke);
    worker.on('exit', died);
  });
}

function wordsFor({ ended }: Ended, limitMs: number): string {
  return ended === 'died' ? 'stopped over it' : `gave no answer within ${limitMs / 1000} s`;
}

function areAnswers(message: unknown, count: number): message is readonly X509ThreadAnswer[] {
  return Array.isArray(message) && message.length === count && message.every(isAnswer);
}

function isAnswer(message: unknown): message is X509ThreadAnswer {
  return typeof message === 'object' && message !== null && 'kind' in message;
}
