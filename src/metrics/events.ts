import type { Observe, Observed } from '../core/observe.js';
import type { Instruments } from './instruments.js';
import { recordSlack, slackInstruments } from './slack-events.js';
import { recordSsh, sshInstruments } from './ssh-events.js';
import { recordWork, workInstruments } from './work-events.js';
import type { Words } from './words.js';

/** Counts what is noticed. What cannot be counted is left: nobody's work fails over it. */
export function counting(instruments: Instruments, words: Words): Observe {
  const slack = slackInstruments(instruments);
  const ssh = sshInstruments(instruments, words);
  const work = workInstruments(instruments, words);
  const record = (what: Observed): void => {
    switch (what.kind) {
      case 'slack-entry':
      case 'slack-limited':
      case 'card-shown':
      case 'message-sent':
      case 'message-failed':
      case 'refused': {
        recordSlack(slack, what);
        return;
      }
      case 'ssh-connected':
      case 'ssh-failed':
      case 'ssh-closed':
      case 'remote-ended':
      case 'hmc-wanted':
      case 'hmc-entered':
      case 'hmc-gave-up':
      case 'not-understood': {
        recordSsh(ssh, what);
        return;
      }
      default: {
        recordWork(work, what);
        return;
      }
    }
  };
  return (what) => {
    try {
      record(what);
    } catch {
      // A number that is not finite: there is nothing to be done about it here.
    }
  };
}
