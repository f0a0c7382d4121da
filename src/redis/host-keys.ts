/** Host keys that people pinned from Slack, and the cards on which they do so. */
import type { RedisLink } from './link.js';
import { canEnrol, isKnownEnrolment } from '../approval/enrolment.js';
import type { Enrolment, EnrolmentMove, StoredPins } from '../approval/enrolment.js';
import { fromStored, knownOnes, storedText } from '../core/stored.js';

/** Every write is a compare-and-set: of several who click at the same moment one wins and the others are told who. */
export interface HostKeyStore {
  /** What is pinned from Slack for a host; null for nothing. */
  pins(host: string, port: number): Promise<StoredPins | null>;
  /** False, and nothing written, when a card of that id is there already. */
  create(enrolment: Enrolment): Promise<boolean>;
  get(id: string): Promise<Enrolment | null>;
  /** Cards that somebody may still decide on. */
  open(): Promise<readonly Enrolment[]>;
  /** Changes a card that is still shown; `patch` sees it as it then is. */
  change(id: string, patch: (enrolment: Enrolment) => Partial<Enrolment>): Promise<Changed>;
  /** Makes one move of the state table that pins nothing. */
  end(id: string, move: Exclude<EnrolmentMove, 'pin'>, by: EndedBy): Promise<Changed>;
  /** Pins exactly the keys that the card shows, all or none of them, in the same write that ends the card. */
  pin(id: string, approvals: Enrolment['approvals'], by: EndedBy): Promise<Changed | Overtaken>;
}

export interface EndedBy {
  readonly user: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly note: string;
}

export type Changed =
  | { readonly kind: 'changed'; readonly enrolment: Enrolment }
  | { readonly kind: 'not-allowed'; readonly enrolment: Enrolment }
  | { readonly kind: 'missing' };

/** Another card has pinned something for this host since: nothing was written. */
export interface Overtaken {
  readonly kind: 'overtaken';
  readonly target: string;
  readonly enrolment: Enrolment;
}

/** A card is of no use after its end; the audit trail says for good what became of it. */
const keepSeconds = 7 * 24 * 3600;

// KEYS: card, open set · ARGV: doc, id, open (1/0), seconds to keep
const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', '1', 'doc', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if ARGV[3] == '1' then redis.call('SADD', KEYS[2], ARGV[2]) end
return 1`;

// KEYS: card, open set, hosts… · ARGV: expected version, doc, new version, id, open (1/0), then for each host the card
// that pinned what is there now ('' for none) and the new pins. Returns 1, 0 for another version, -2 for no card, and
// -10 minus its number for the first host that somebody else has pinned since.
const writeScript = `
local version = redis.call('HGET', KEYS[1], 'version')
if not version then return -2 end
if version ~= ARGV[1] then return 0 end
for i = 3, #KEYS do
  local now = redis.call('HGET', KEYS[i], 'enrolment') or ''
  if now ~= ARGV[2 * i] then return -10 - (i - 3) end
end
for i = 3, #KEYS do
  redis.call('HSET', KEYS[i], 'enrolment', ARGV[4], 'doc', ARGV[2 * i + 1])
end
redis.call('HSET', KEYS[1], 'version', ARGV[3], 'doc', ARGV[2])
if ARGV[5] ~= '1' then redis.call('SREM', KEYS[2], ARGV[4]) end
return 1`;

/** A HostKeyStore on one Redis; `prefix` carries the hash tag. */
export function createHostKeyStore(redis: RedisLink, prefix: string): HostKeyStore {
  return new Cards(redis, prefix);
}

type Patch = (enrolment: Enrolment) => Partial<Enrolment>;

class Cards implements HostKeyStore {
  constructor(
    private readonly redis: RedisLink,
    private readonly prefix: string,
  ) {}

  async pins(host: string, port: number): Promise<StoredPins | null> {
    const doc = await this.redis.hget(this.hostKey(host, port), 'doc');
    return doc === null ? null : (JSON.parse(doc) as StoredPins);
  }

  async get(id: string): Promise<Enrolment | null> {
    const doc = await this.redis.hget(this.cardKey(id), 'doc');
    return doc === null ? null : fromStored<Enrolment>('host key card', id, doc, isKnownEnrolment);
  }

  async create(enrolment: Enrolment): Promise<boolean> {
    const isOpen = enrolment.state === 'shown' ? '1' : '0';
    const args = [storedText('host key card', enrolment), enrolment.id, isOpen, String(keepSeconds)];
    const keys = [this.cardKey(enrolment.id), this.openKey()];
    return (await this.redis.eval(createScript, 2, ...keys, ...args)) === 1;
  }

  async open(): Promise<readonly Enrolment[]> {
    const ids = await this.redis.smembers(this.openKey());
    return knownOnes(ids, async (id) => {
      const card = await this.get(id);
      if (card === null) await this.redis.srem(this.openKey(), id);
      return card;
    });
  }

  async change(id: string, patch: Patch): Promise<Changed> {
    return withoutPins(await this.whileShown(id, patch, false));
  }

  async end(id: string, move: Exclude<EnrolmentMove, 'pin'>, { user, at, note }: EndedBy): Promise<Changed> {
    const ended = { by: user, at, note };
    return withoutPins(await this.whileShown(id, () => ({ state: canEnrol[move].to, ended }), false));
  }

  pin(
    id: string,
    approvals: Enrolment['approvals'],
    { user, at, note }: EndedBy,
  ): Promise<Changed | Overtaken> {
    const ended = { by: user, at, note };
    return this.whileShown(id, () => ({ state: canEnrol.pin.to, approvals, ended }), true);
  }

  /** Writes until it fits. Every move there is begins at a card that is shown. */
  private async whileShown(id: string, patch: Patch, isPinning: boolean): Promise<Changed | Overtaken> {
    for (;;) {
      const before = await this.get(id);
      if (before === null) return { kind: 'missing' };
      if (!canEnrol.pin(before.state)) return { kind: 'not-allowed', enrolment: before };
      const after: Enrolment = { ...before, ...patch(before), version: before.version + 1 };
      const answer = await this.write(before, after, isPinning);
      if (answer === 1) return { kind: 'changed', enrolment: after };
      if (answer === -2) return { kind: 'missing' };
      if (answer > -10) continue;
      const target = before.candidates[-10 - answer]?.target ?? '';
      return { kind: 'overtaken', target, enrolment: before };
    }
  }

  private async write(before: Enrolment, after: Enrolment, isPinning: boolean): Promise<number> {
    const hosts = isPinning ? after.candidates : [];
    const keys = [
      this.cardKey(after.id),
      this.openKey(),
      ...hosts.map(({ host, port }) => this.hostKey(host, port)),
    ];
    const pins = hosts.flatMap((one) => [
      one.replaces?.enrolment ?? '',
      JSON.stringify(pinsOf(after, one.keys)),
    ]);
    const isOpen = after.state === 'shown' ? '1' : '0';
    const doc = storedText('host key card', after);
    const args = [String(before.version), doc, String(after.version), after.id, isOpen];
    return Number(await this.redis.eval(writeScript, keys.length, ...keys, ...args, ...pins));
  }

  private openKey(): string {
    return `${this.prefix}enrolments:open`;
  }

  private cardKey(id: string): string {
    return `${this.prefix}enrolment:${id}`;
  }

  private hostKey(host: string, port: number): string {
    return `${this.prefix}host-keys:${host.toLowerCase()}:${port}`;
  }
}

function withoutPins(changed: Changed | Overtaken): Changed {
  if (changed.kind === 'overtaken') throw new TypeError('only pinning can be overtaken');
  return changed;
}

function pinsOf(enrolment: Enrolment, keys: StoredPins['keys']): StoredPins {
  return {
    enrolment: enrolment.id,
    keys,
    requester: enrolment.requester,
    approvers: enrolment.approvals.map(({ user }) => user),
    at: enrolment.ended?.at ?? enrolment.createdAt,
  };
}
