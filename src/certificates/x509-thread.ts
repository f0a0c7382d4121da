import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/**
 * The thread in which x509.js is kept, alone. It is a C library of 2013 compiled to JavaScript: it calls
 * `process.exit(1)` when it stumbles, which ends a thread but would end this process, and crafted certificates make it
 * loop for ever. So each certificate has a time limit and one more try, the thread has a memory limit, what it prints is
 * thrown away, and after a death the next certificate gets a fresh one. Source: x509.js 1.0.0, index.js (`parseCert`).
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
  /** For one certificate; milliseconds. */
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
parentPort.on('message', (pem) => {
  let answer;
  try {
    const said = parseCert(pem);
    answer = { kind: 'read', serial: text(said.serial), notBefore: text(said.notBefore), notAfter: text(said.notAfter) };
  } catch (error) {
    answer = { kind: 'failed', reason: 'x509.js cannot read it' };
  }
  parentPort.postMessage(answer);
});
parentPort.postMessage('ready');
`;

/** Starts nothing yet: the thread comes with the first certificate. One certificate at a time, in order. */
export function createX509Thread(options: X509ThreadOptions): X509Thread {
  let worker: Worker | null = null;
  let closed = false;
  let queue: Promise<unknown> = Promise.resolve();

  const drop = async (): Promise<void> => {
    const dropped = worker;
    worker = null;
    await dropped?.terminate();
  };

  /** The thread, loaded; or why there is none. */
  const ready = async (): Promise<Worker | string> => {
    if (worker !== null) return worker;
    const begun = start(options.library);
    begun.once('exit', () => {
      if (worker === begun) worker = null;
    });
    worker = begun;
    const started = await heard(begun, options.startMs);
    if ('message' in started) return begun;
    await drop();
    return `x509.js could not be started: it ${wordsFor(started, options.startMs)}`;
  };

  const once = async (pem: string): Promise<X509ThreadAnswer | Ended> => {
    const thread = await ready();
    if (typeof thread === 'string') return { kind: 'failed', reason: thread };
    const answer = heard(thread, options.timeoutMs);
    thread.postMessage(pem);
    const said = await answer;
    if ('message' in said && isAnswer(said.message)) return said.message;
    await drop();
    return 'message' in said
      ? { kind: 'failed', reason: 'x509.js gave an answer that makes no sense' }
      : said;
  };

  const ask = async (pem: string): Promise<X509ThreadAnswer> => {
    if (closed) return { kind: 'failed', reason: 'the parser was closed' };
    const wasFresh = worker === null;
    const first = await once(pem);
    // A thread that had read others may have died of one of them: this one is asked again, alone. Nor is one silence
    // proof of a certificate that hangs: the machine may have stood still.
    const isProof = 'kind' in first || (first.ended === 'died' && wasFresh);
    const last = isProof ? first : await once(pem);
    if ('kind' in last) return last;
    return { kind: 'failed', reason: `x509.js ${wordsFor(last, options.timeoutMs)}` };
  };

  return {
    read: (pem) => {
      const turn = queue.then(() => ask(pem));
      queue = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      closed = true;
      await drop();
    },
  };
}

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

function isAnswer(message: unknown): message is X509ThreadAnswer {
  return typeof message === 'object' && message !== null && 'kind' in message;
}
