import type { ConnectReason } from './errors.js';
import type { Ended } from './outcome.js';
import type { Level } from './verdict.js';

/** What Slack delivers. */
export type EntryKind = 'command' | 'mention' | 'click' | 'form' | 'typeahead' | 'home' | 'other';

/** What an SSH endpoint is to us. */
export type SshRole = 'node' | 'hmc' | 'jump';

/** How a message goes to Slack. */
export type SendMethod = 'post' | 'update' | 'whisper' | 'upload';

/**
 * What edges and jobs notice while they work: numbers and words of a closed set, never what people typed or nodes
 * printed. Who listens is told by the entries; nothing in here may change what is done. All times are milliseconds.
 */
export type Observed =
  /** Something from Slack was answered. `left`: another process answers it. `unanswered`: Slack was not reached. */
  | {
      readonly kind: 'slack-entry';
      readonly entry: EntryKind;
      readonly outcome: 'acknowledged' | 'left' | 'unanswered';
      readonly ms: number;
    }
  /** Slack answered a call of its Web API with 429. */
  | { readonly kind: 'slack-limited'; readonly method: string }
  /** The first card of a request is in Slack, so long after it was asked for. */
  | { readonly kind: 'card-shown'; readonly ms: number }
  /** Slack took a message that had waited so long; null where that is not known. */
  | {
      readonly kind: 'message-sent';
      readonly method: SendMethod;
      readonly priority: string;
      readonly waitedMs: number | null;
    }
  /** `later`: tried again. `unsure`: Slack may have it. `never`: dropped. */
  | {
      readonly kind: 'message-failed';
      readonly method: SendMethod;
      readonly problem: 'later' | 'unsure' | 'never';
    }
  /** `too-late`: its time had passed. `left`: this version does not know it, another one may. */
  | {
      readonly kind: 'job-ended';
      readonly queue: string;
      readonly job: string;
      readonly outcome: 'done' | 'failed' | 'too-late' | 'left';
      readonly ms: number;
      /** From when it could have been taken; null for a second try. */
      readonly waitedMs: number | null;
    }
  | {
      readonly kind: 'ssh-connected';
      readonly role: SshRole;
      readonly tcpMs: number;
      readonly handshakeMs: number;
      readonly loginMs: number;
    }
  | {
      readonly kind: 'ssh-failed';
      readonly role: SshRole;
      readonly reason: ConnectReason;
      readonly ms: number;
    }
  | { readonly kind: 'ssh-closed'; readonly role: SshRole }
  /** `read` only looks, `step` is part of a change. */
  | {
      readonly kind: 'remote-ended';
      readonly how: 'read' | 'step';
      readonly role: SshRole;
      readonly ended: Ended;
      readonly ms: number;
    }
  /** A session on an HMC is wanted; `hmc-entered` or `hmc-gave-up` follows. */
  | { readonly kind: 'hmc-wanted'; readonly hmc: string }
  | { readonly kind: 'hmc-entered'; readonly hmc: string; readonly waitedMs: number }
  | { readonly kind: 'hmc-gave-up'; readonly hmc: string }
  /** A remote command's answer was not understood; `command` is the id that `aixops explain` takes. */
  | { readonly kind: 'not-understood'; readonly command: string }
  | {
      readonly kind: 'verdict';
      readonly diagnostic: string;
      readonly verdict: Level;
      readonly findings: readonly string[];
    }
  /** `from` is null for a change that is new. */
  | {
      readonly kind: 'change-moved';
      readonly fix: string;
      readonly from: string | null;
      readonly to: string;
    }
  | { readonly kind: 'digest-posted'; readonly isLate: boolean }
  | { readonly kind: 'audit-appended'; readonly outcome: 'written' | 'failed'; readonly ms: number }
  /** The policy refused something; `rule` is its stable code. */
  | { readonly kind: 'refused'; readonly rule: string };

/** Takes note of something. Never throws, and is not waited for. */
export type Observe = (what: Observed) => void;

/** Nobody listens. */
export const unobserved: Observe = () => undefined;
