import type { KnownBlock } from '@slack/types';

/** One Slack message as a value. `text` says everything that matters: screen readers and notifications read only it. */
export interface Message {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

/** Long output as a file in the thread. */
export interface Attachment {
  readonly filename: string;
  readonly title: string;
  readonly content: string;
}
