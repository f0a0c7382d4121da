import type { KnownBlock } from '@slack/types';

/** One Slack message as a value. `text` says everything that matters: screen readers and notifications read only it. */
export interface Message {
  readonly text: string;
  /** The classic dress: blocks that every client draws. */
  readonly blocks: readonly KnownBlock[];
  /** The same in newer blocks, used where the settings ask for it and Slack takes them; absent where there is no such dress. */
  readonly rich?: readonly KnownBlock[];
}

/** Long output, or a picture, as a file in the thread. */
export interface Attachment {
  readonly filename: string;
  readonly title: string;
  /** Text, or base64 where `encoding` says so: what waits for Slack waits as JSON. */
  readonly content: string;
  readonly encoding?: 'base64';
  /** What a picture shows, for who cannot see it. */
  readonly altText?: string;
}
