import type { Sight } from './sight.js';

/**
 * What protects the cluster's messages. off: certificates and keys cannot be a cause. certificate: symmetric keys are
 * handed out under certificates. keys: symmetric keys alone, or SSH's. unknown: not determined, and never assumed.
 */
export type Security =
  | { readonly kind: 'off' }
  | { readonly kind: 'certificate'; readonly mechanism: string; readonly path: string | null }
  | { readonly kind: 'keys'; readonly mechanism: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** Q7: what the nodes say of message authentication, where they all say the same. */
export function securityOf(sight: Sight): Security {
  const each = sight.nodes
    .filter(({ error }) => error === null)
    .map((node) => ({ name: node.name, said: ofAttributes(node.value('security')) }));
  const [first] = each;
  if (first === undefined) return { kind: 'unknown', why: 'no node was reached' };
  const open = each.find(({ said }) => said.kind === 'unknown');
  if (open?.said.kind === 'unknown') return { kind: 'unknown', why: `${open.said.why} on ${open.name}` };
  // Paths differ from node to node; what kind of protection it is must not.
  const other = each.find(({ said }) => said.kind !== first.said.kind);
  return other === undefined
    ? first.said
    : {
        kind: 'unknown',
        why: `${first.name} says ${wordFor(first.said)} and ${other.name} says ${wordFor(other.said)}, and nodes that differ in it do not understand each other`,
      };
}

function wordFor(security: Security): string {
  if (security.kind === 'certificate' || security.kind === 'keys') return `on (${security.mechanism})`;
  return security.kind;
}

function ofAttributes(attributes: Readonly<Record<string, string>> | null): Security {
  if (attributes === null) return { kind: 'unknown', why: 'clmgr query cluster was not read' };
  const level = attributes['LEVEL']?.toUpperCase();
  const mechanism = attributes['MECHANISM'];
  if (level === undefined) return { kind: 'unknown', why: 'clmgr query cluster does not show LEVEL' };
  if (level === 'DISABLE' || level === 'DISABLED' || level === 'NONE') return { kind: 'off' };
  if (!['LOW', 'MED', 'MEDIUM', 'HIGH'].includes(level) || mechanism === undefined)
    return {
      kind: 'unknown',
      why: `clmgr query cluster says LEVEL="${level}" and MECHANISM="${mechanism ?? ''}"`,
    };
  if (!/^(?:OpenSSL|SelfSigned)$/i.test(mechanism))
    return { kind: 'keys', mechanism: mechanism || 'none named' };
  const path = attributes['CERTIFICATE'] ?? '';
  return { kind: 'certificate', mechanism, path: path === '' ? null : path };
}

/** Certificates that the nodes themselves name. Only plain absolute paths: they become arguments of commands. */
export function certificatesNamed(sight: Pick<Sight, 'nodes'>): readonly string[] {
  const paths = sight.nodes.map((node) => node.value('security')?.['CERTIFICATE'] ?? '');
  return [...new Set(paths)].filter((path) => /^\/[\w./-]{1,255}$/.test(path) && !path.includes('..'));
}

/** What security has to do with a failing clrsh, as one sentence. */
export function securityText(security: Security): string {
  switch (security.kind) {
    case 'off':
      return 'Message authentication is off: certificates and keys cannot be the cause.';
    case 'certificate':
      return `Message authentication is on (${security.mechanism}): a key that one node did not get can be a cause; SMIT’s key management is for a person.`;
    case 'keys':
      return `Message authentication is on with symmetric keys (${security.mechanism}): a key that one node did not get can be the cause. No public procedure makes new ones: SMIT’s key management is for a person.`;
    case 'unknown':
      return `Whether messages are authenticated is not determined: ${security.why}.`;
  }
}
