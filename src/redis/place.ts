/** Where Redis is and how we are let in: what the settings say, before anything connects. */
import type { Secret } from '../core/secret.js';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export interface RedisPlace {
  readonly form:
    | { readonly kind: 'url'; readonly url: Secret }
    | {
        readonly kind: 'sentinel';
        /** What the Sentinels call the master. */
        readonly name: string;
        readonly nodes: readonly HostAndPort[];
        readonly username: string | null;
        readonly password: Secret | null;
        /** Whether the Sentinels speak TLS as the data nodes do. */
        readonly isTls: boolean;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[] };
  /** For data nodes; a URL may have its own instead. */
  readonly username: string | null;
  readonly password: Secret | null;
  /** Null: TLS only where the URL says rediss://, with the system's CAs. */
  readonly tls: RedisTls | null;
  /** So many replicas must have a write before it counts as kept. */
  readonly replicas: number;
}

/** Absolute paths of files in PEM; null for what was not given. */
export interface RedisTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** The name in the servers' certificate, where it is not the one that we connect to. */
  readonly serverName: string | null;
}

/** Where Redis is, as it may be shown; sentences begin with it. */
export function whereIs(place: RedisPlace): string {
  const { form } = place;
  if (form.kind === 'url') return `Redis at ${withoutPassword(form.url.reveal())}`;
  const nodes = form.nodes.map(({ host, port }) => addressOf(host, port)).join(', ');
  if (form.kind === 'cluster') return `The Redis Cluster at ${nodes}`;
  return `The Redis master ${form.name} of the Sentinels at ${nodes}`;
}

/** Host and port as people write them; an IPv6 address gets its brackets. */
export function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A Redis URL as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}
