import type { StoreReading, StoredCertificate } from '../../../core/certificate.js';
import type { Evidence } from '../../../core/fact.js';
import type { Level } from '../../../core/verdict.js';
import type { Security } from './security.js';
import { commonName, utc } from '../../certificates/names.js';
import { namesText, type Draft, type Sight } from './sight.js';

/** So near before its end a certificate is spoken of. */
const expiringDays = 30;
const dayMs = 24 * 3_600_000;

/** One certificate of the cluster in one place. */
interface Place {
  readonly node: string;
  readonly path: string;
  readonly stored: StoredCertificate;
  readonly evidence: Evidence;
  readonly endsMs: number;
}

/**
 * The certificates of the cluster's communication. What they are worth depends: with message authentication off, or
 * while clrsh only fails now and then, they are information. Whether an expired one stops clcomd is documented nowhere.
 */
export function certificates(sight: Sight, security: Security): readonly Draft[] {
  const now = Date.parse(sight.collected.startedAt);
  const places = placesOf(sight);
  const expired = places.filter(({ endsMs }) => endsMs < now);
  const expiring = places.filter(({ endsMs }) => endsMs >= now && endsMs < now + expiringDays * dayMs);
  const drafts: Draft[] = [];
  if (expired.length > 0) drafts.push(draft(sight, security, expired, 'expired'));
  if (expiring.length > 0) drafts.push(draft(sight, security, expiring, 'expiring'));
  return drafts;
}

function placesOf(sight: Sight): readonly Place[] {
  return sight.collected.certificates.flatMap(({ target, stores }) =>
    stores.flatMap(({ path, certificates: held, evidence }) =>
      held.flatMap((stored) => {
        const ends = stored.certificate?.notAfter;
        return ends === undefined ? [] : [{ node: target, path, stored, evidence, endsMs: Date.parse(ends) }];
      }),
    ),
  );
}

function draft(
  sight: Sight,
  security: Security,
  places: readonly Place[],
  which: 'expired' | 'expiring',
): Draft {
  const failing = sight.pairs.some(({ state }) => state === 'failing');
  const isIntermittent = !failing && sight.pairs.some(({ state }) => state === 'sometimes');
  const where = namesText(places.map(({ node }) => node));
  const dates = datesOf(places, Date.parse(sight.collected.startedAt));
  const more = dates.length > 5 ? ` and ${dates.length - 5} more` : '';
  return {
    id: `clcomd.certificate-${which}`,
    severity: severityOf(security, { failing, isIntermittent, which }),
    title: titleOf(security, { failing, isIntermittent, which, where }),
    expected: 'certificates of the cluster that are valid for 30 days and more',
    observed: `${dates.slice(0, 5).join('; ')}${more}. ${worth(security, failing, isIntermittent)}`,
    evidence: [...new Set(places.map(({ evidence }) => evidence))],
    fixes: security.kind === 'certificate' && !isIntermittent ? ['clcomd-renew-certificates'] : [],
  };
}

/** One certificate in many places is one date, with its places. */
function datesOf(places: readonly Place[], nowMs: number): readonly string[] {
  const groups = new Map<string, Place[]>();
  for (const place of places) {
    const key = place.stored.certificate?.fingerprint256 ?? '';
    groups.set(key, [...(groups.get(key) ?? []), place]);
  }
  return [...groups.values()].flatMap((group) => {
    const certificate = group[0]?.stored.certificate ?? null;
    if (certificate === null) return [];
    const left = (Date.parse(certificate.notAfter) - nowMs) / dayMs;
    const when = left < 0 ? `ended ${days(Math.floor(-left))} ago` : `ends in ${days(Math.floor(left))}`;
    const paths = [...new Set(group.map(({ path }) => path))].join(', ');
    const nodes = namesText(group.map(({ node }) => node));
    return `${commonName(certificate.subject)} ${when}, on ${utc(certificate.notAfter)} (${paths} on ${nodes})`;
  });
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}

interface Case {
  readonly failing: boolean;
  readonly isIntermittent: boolean;
  readonly which: 'expired' | 'expiring';
}

function severityOf(security: Security, { failing, isIntermittent, which }: Case): Level {
  if (security.kind === 'off' || security.kind === 'keys' || isIntermittent) return 'ok';
  return which === 'expired' && failing && security.kind === 'certificate' ? 'crit' : 'warn';
}

function titleOf(
  security: Security,
  { failing, isIntermittent, which, where }: Case & { where: string },
): string {
  const what =
    which === 'expired' ? `Expired certificate found on ${where}` : `A certificate on ${where} expires soon`;
  if (security.kind === 'off')
    return `${what}; message authentication is off, so it cannot be the cause of anything here.`;
  if (isIntermittent) return `${what}; it has no part in failures that come and go.`;
  if (failing && which === 'expired') return `${what}; link to the failure not proven.`;
  return failing ? `${what}.` : `${what}; clrsh works between all nodes that were tried.`;
}

function worth(security: Security, failing: boolean, isIntermittent: boolean): string {
  if (security.kind === 'off') return 'For information only: certificates are not in use.';
  if (security.kind === 'keys')
    return 'For information only: messages are protected by symmetric keys without dates.';
  if (isIntermittent) return 'For information only.';
  const use =
    security.kind === 'certificate'
      ? `The cluster hands out its keys under certificates (${security.mechanism}).`
      : `Whether they are in use is not determined: ${security.why}.`;
  const link = failing
    ? ' Whether clcomd looks at these dates is documented nowhere.'
    : ' A renewal is due before keys are handed out the next time.';
  return `${use}${link}`;
}

/** Certificates that are declared or named, and that nobody could read. */
export function certificatesUnread(sight: Sight, security: Security): readonly Draft[] {
  const asked = sight.collected.cluster.certificates.length > 0;
  const reached = sight.nodes.filter(({ error }) => error === null);
  return reached.flatMap((node) => {
    const read = sight.collected.certificates.find(({ target }) => target === node.name);
    if (read === undefined)
      return asked ? [unread(node.name, 'its certificates were not asked for', [])] : [];
    if (read.error !== null) return [unread(node.name, read.error.message, [])];
    const bad = read.stores.filter((store) => isUnread(store, security));
    const broken = read.stores.flatMap(({ path, certificates: held, evidence }) =>
      held.flatMap(({ label, problem }) => (problem === null ? [] : [{ path, label, problem, evidence }])),
    );
    const words = [
      ...bad.map(({ path, status, reason }) => `${path} ${status}${reason === null ? '' : `: ${reason}`}`),
      ...broken.map(({ path, label, problem }) => `${path} (${label}): ${problem}`),
    ];
    const evidence = [...bad, ...broken].map((one) => one.evidence);
    return words.length === 0 ? [] : [unread(node.name, words.join('; '), evidence)];
  });
}

/** A declared file that is not there says nothing while certificates are not in use. */
function isUnread({ status }: StoreReading, security: Security): boolean {
  if (status === 'read') return false;
  return !(status === 'missing' && security.kind === 'off');
}

function unread(node: string, observed: string, evidence: readonly Evidence[]): Draft {
  return {
    id: 'fact.unreadable',
    severity: 'unknown',
    title: `Certificates of the cluster on ${node} were not read.`,
    expected: 'every declared certificate can be read',
    observed,
    evidence,
    fixes: [],
  };
}
