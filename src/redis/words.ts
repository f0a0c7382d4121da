/** What Redis, a Sentinel or TLS says to who is not let in, in words that say what to do. */
import { whereIs, type RedisPlace } from './place.js';

/** Words for a refused login; null for anything else. */
export function loginWords(place: RedisPlace, said: string): string | null {
  const code = /\b(?:NOAUTH|WRONGPASS|NOPERM)\b/.exec(said)?.[0];
  if (code === undefined) return null;
  const where = whereIs(place);
  if (code === 'NOPERM')
    return `${where} lets us in but not do what we must (${said.slice(0, 200)}). Give the user the commands that docs/operations/redis.md lists.`;
  const { form } = place;
  if (form.kind === 'url')
    return `${where} does not let us in (${code}). Set REDIS_URL with the right user and password.`;
  const isSentinel = /sentinel/i.test(said);
  if (isSentinel)
    return `A Sentinel does not let us in (${code}). Set REDIS_SENTINEL_PASSWORD, and redis.sentinel.username where it has users.`;
  return `${where} does not let us in (${code}). Set REDIS_PASSWORD, and redis.username where it has users.`;
}

interface Refusal {
  readonly pattern: RegExp;
  readonly words: (where: string) => string;
}

/** What no waiting mends. */
const refusals: readonly Refusal[] = [
  {
    pattern: /cluster support disabled/i,
    words: (where) =>
      `${where} is no Cluster. Write redis.url or redis.sentinel in aixops.yaml instead of redis.cluster.`,
  },
  {
    pattern: /^MOVED \d+/,
    words: (where) =>
      `${where} is a node of a Redis Cluster. Write redis.cluster.nodes in aixops.yaml instead of redis.url.`,
  },
  {
    pattern: /self[- ]signed certificate|unable to (?:get|verify)|UNABLE_TO_|SELF_SIGNED/i,
    words: (where) =>
      `${where} shows a certificate that none of the known CAs signed. Set redis.tls.ca in aixops.yaml to the file with its CA.`,
  },
  {
    pattern: /Hostname\/IP does not match|ERR_TLS_CERT_ALTNAME/i,
    words: (where) =>
      `${where} shows a certificate for another name. Connect to it by a name in the certificate, or set redis.tls.serverName in aixops.yaml.`,
  },
  {
    pattern: /certificate has expired|CERT_HAS_EXPIRED/i,
    words: (where) => `${where} shows a certificate that has expired. Renew it there.`,
  },
  {
    pattern:
      /alert certificate required|certificate required|alert (?:bad|unknown|unsupported) (?:certificate|ca)|handshake failure|tlsv1 alert unknown ca/i,
    words: (where) =>
      `${where} wants a certificate of ours that it knows. Set redis.tls.cert and redis.tls.key in aixops.yaml to one that its CA signed.`,
  },
  {
    pattern: /wrong version number|packet length too long|EPROTO.*record/i,
    words: (where) =>
      `${where} does not speak TLS on that port. Take its TLS port, or leave TLS out (redis:// instead of rediss://, no redis.tls).`,
  },
];

/** Words for what does not get better by waiting; null for anything else. */
export function wordsFor(place: RedisPlace, said: string): string | null {
  return loginWords(place, said) ?? refusalWords(place, said);
}

/** The same apart from logins. */
export function refusalWords(place: RedisPlace, said: string): string | null {
  const found = refusals.find(({ pattern }) => pattern.test(said));
  return found === undefined ? null : found.words(whereIs(place));
}
