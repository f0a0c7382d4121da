/** Where entries, the queue of each channel, who sends for it, and the channels with something waiting are kept. */
export function outboxKeys(prefix: string) {
  return {
    entryKey: (key: string): string => `${prefix}outbox:entry:${key}`,
    queueKey: (channel: string): string => `${prefix}outbox:queue:${channel}`,
    holdKey: (channel: string): string => `${prefix}outbox:hold:${channel}`,
    channelsKey: `${prefix}outbox:channels`,
    sequenceKey: `${prefix}outbox:sequence`,
  };
}

export type OutboxKeys = ReturnType<typeof outboxKeys>;
