import { ErrorCode, type WebClient } from '@slack/web-api';
import type { Message } from '../core/message.js';
import { PostError, type Poster } from '../core/poster.js';

/** What Slack says when it will take the words but not the dress. */
const undressed = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'only_one_table_allowed',
];
/**
 * Reasons that lie with the token, the app or the workspace and not with the message: a person can mend them, and the
 * message is kept and tried again. Source: docs.slack.dev, errors of chat.postMessage.
 */
const mendable = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'not_allowed_token_type',
  'accesslimited',
  'ekm_access_denied',
  'org_login_required',
  'team_access_not_granted',
  'team_added_to_org',
  'two_factor_setup_required',
];
const transient = [
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
];

/**
 * A Poster over Slack's Web API. The client must not retry by itself: a lost reply would become a double message, and
 * one method's rate limit would hold back all others.
 */
export function createPoster(client: WebClient, dress: 'rich' | 'classic' = 'classic'): Poster {
  const dressed = dressing(dress === 'rich');
  return {
    post: async (channel, threadTs, message) => {
      const thread = threadTs === null ? {} : { thread_ts: threadTs };
      const answer = await dressed(message, (body) =>
        client.chat.postMessage({
          channel,
          ...thread,
          ...body,
          parse: 'none',
          unfurl_links: false,
          unfurl_media: false,
        }),
      );
      if (answer.ts === undefined) throw new PostError('unsure', 'no_ts');
      return { ts: answer.ts, channel: answer.channel ?? channel };
    },
    update: async (channel, ts, message) => {
      await dressed(message, (body) => client.chat.update({ channel, ts, ...body, parse: 'none' }));
    },
    whisper: async (channel, user, threadTs, message) => {
      const thread = threadTs === null ? {} : { thread_ts: threadTs };
      await dressed(message, (body) => client.chat.postEphemeral({ channel, user, ...thread, ...body }));
    },
    upload: async (channel, threadTs, file) => {
      const { filename, title, content, encoding, altText } = file;
      const upload = {
        channel_id: channel,
        filename,
        title,
        ...(encoding === 'base64' ? { file: Buffer.from(content, 'base64') } : { content }),
        ...(altText === undefined ? {} : { alt_text: altText }),
      };
      await told(() => client.filesUploadV2(threadTs === null ? upload : { ...upload, thread_ts: threadTs }));
    },
  };
}

interface Body {
  text: string;
  blocks: Message['blocks'][number][];
}

type Dressed = <T>(message: Message, send: (body: Body) => Promise<T>) => Promise<T>;

/**
 * Sends a message in the best dress that Slack takes: rich, classic, the text alone, so that nothing is lost. A workspace
 * that has refused the rich one is not asked again until the next start.
 */
function dressing(wantsRich: boolean): Dressed {
  let takesRich = wantsRich;
  return async (message, send) => {
    const { text, blocks, rich } = message;
    if (takesRich && rich !== undefined) {
      try {
        return await told(() => send({ text, blocks: [...rich] }));
      } catch (error) {
        if (!isUndressed(error)) throw error;
      }
      const sent = await inClassic({ text, blocks }, send);
      // Only now is it known that it was the dress that was refused, and not the whole message.
      takesRich = false;
      return sent;
    }
    return inClassic({ text, blocks }, send);
  };
}

async function inClassic<T>({ text, blocks }: Message, send: (body: Body) => Promise<T>): Promise<T> {
  try {
    return await told(() => send({ text, blocks: [...blocks] }));
  } catch (error) {
    if (!isUndressed(error)) throw error;
    return told(() => send({ text, blocks: [] }));
  }
}

function isUndressed(error: unknown): boolean {
  return error instanceof PostError && undressed.includes(error.code);
}

async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw postError(error);
  }
}

function postError(error: unknown): PostError {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case ErrorCode.RateLimitedError:
      return new PostError('later', 'ratelimited', (numberOf(error, 'retryAfter') ?? 1) * 1_000);
    case ErrorCode.PlatformError: {
      const code = platformCode(error);
      if (mendable.includes(code)) return new PostError('later', code, 15_000);
      return transient.includes(code) ? new PostError('later', code, 2_000) : new PostError('never', code);
    }
    case ErrorCode.HTTPError:
      // Slack answered with an error page instead of an answer: it did not take the message.
      return new PostError('later', 'http_error', 2_000);
    default:
      return neverSent(error)
        ? new PostError('later', 'unreachable', 2_000)
        : new PostError('unsure', 'no_answer', 2_000);
  }
}

function numberOf(error: unknown, field: string): number | null {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, field) : null;
  return typeof value === 'number' ? value : null;
}

function platformCode(error: unknown): string {
  const data: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : null;
  const code: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'error') : null;
  return typeof code === 'string' ? code : 'unknown_error';
}

/** Whether the request cannot have reached Slack: no connection came about. */
function neverSent(error: unknown): boolean {
  const text = JSON.stringify([String(error), causes(error)]);
  return /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/.test(text);
}

function causes(error: unknown): string[] {
  const chain: string[] = [];
  for (
    let at: unknown = error;
    at instanceof Error && chain.length < 8;
    at = 'original' in at ? at.original : at.cause
  )
    chain.push(`${at.name} ${at.message} ${'code' in at ? String(at.code) : ''}`);
  return chain;
}
