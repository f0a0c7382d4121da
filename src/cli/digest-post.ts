import { postNow } from '../../jobs/expiry-digest.js';
import { share, workerTools } from '../compose.js';
import type { Edition } from '../digest/edition.js';
import { openLog } from '../log.js';
import type { Settings } from './context.js';
import { interruptible } from './terminal.js';

/** Posts today's digest in every channel that has none yet; `sentences` say what became of each. */
export async function postToday(
  settings: Settings,
): Promise<{ readonly editions: readonly Edition[]; readonly sentences: readonly string[] }> {
  const { config } = settings;
  const how = { ...config.log, level: 'error', noColor: config.noColor };
  const log = await openLog(how, config.known, () => null);
  const shared = await share(settings, log);
  const tools = workerTools(settings, shared, () => false, log);
  const close = async (): Promise<void> => {
    await Promise.all([tools.ssh.close(), tools.certificates.close()]);
    await shared.close();
  };
  const words = 'Stopped. What was kept already is posted by the next worker; else nothing was.';
  try {
    return await interruptible(words, close, async () => {
      const editions: Edition[] = [];
      const sentences: string[] = [];
      for (const channel of tools.digestChannels) {
        const { kind, edition, date } = await postNow(channel, tools);
        if (edition !== null) editions.push(edition);
        sentences.push(`${channel.channel}, ${date}: ${outcomes[kind]}`);
      }
      return { editions, sentences };
    });
  } finally {
    await close();
  }
}

const outcomes = {
  posted: 'handed to the bot, which posts it.',
  before: 'posted already; this is what was posted. Nothing was posted again.',
  busy: 'a worker is making it just now. Nothing was posted from here.',
} as const;
