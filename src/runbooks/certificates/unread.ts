import type { NodeCertificates, StoreReading } from '../../core/certificate.js';
import type { Finding } from '../../core/verdict.js';

/** What was declared and is not there, or could not be read: when it expires is not known, and must not look fine. */
export function storeFindings({ target, stores }: NodeCertificates): readonly Finding[] {
  return stores.flatMap((store) =>
    store.status === 'read' ? brokenIn(store, target) : [lost(store, target)],
  );
}

function lost(store: StoreReading, target: string): Finding {
  const { path, reason, owner, evidence } = store;
  const observed = `${reason ?? 'no reason given'} ${owner === null ? 'No owner.' : `Owner: ${owner}.`}`;
  const shared = { observed, evidence: [evidence], fixes: [] };
  if (store.status === 'missing') {
    return {
      id: 'cert.disappeared',
      severity: 'warn',
      title: `${path} is declared and not there on ${target}: it was moved or removed, or the inventory is wrong.`,
      expected: 'a certificate store at this path',
      ...shared,
    };
  }
  return {
    id: 'cert.unreadable',
    severity: 'unknown',
    title: `${path} on ${target} was not read, so it is not known when its certificates expire.`,
    expected: store.status === 'refused' ? 'an ordinary file of at most 1 MiB' : 'a store that can be read',
    ...shared,
  };
}

/** One finding for each store, however many of its certificates are broken. */
function brokenIn({ path, certificates, evidence, owner }: StoreReading, target: string): readonly Finding[] {
  const broken = certificates.filter(({ problem, certificate }) => problem !== null || certificate === null);
  if (broken.length === 0) return [];
  const shown = broken.slice(0, 5).map(({ label, problem }) => `${label}: ${problem ?? 'not read'}`);
  const more = broken.length > 5 ? `; ${broken.length - 5} more` : '';
  const many = broken.length === 1 ? 'a certificate' : `${broken.length} certificates`;
  return [
    {
      id: 'cert.unreadable',
      severity: 'unknown',
      title: `${path} on ${target} has ${many} of ${certificates.length} that cannot be relied on.`,
      expected: 'certificates that two readers understand alike',
      observed: `${shown.join('; ')}${more}; ${owner === null ? 'no owner' : `owner ${owner}`}`,
      evidence: [evidence],
      fixes: [],
    },
  ];
}
