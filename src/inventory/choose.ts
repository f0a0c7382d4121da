import { didYouMean } from '../core/did-you-mean.js';
import { UsageError } from '../core/errors.js';
import type { ClusterTarget, Endpoint, NodeTarget } from '../core/target.js';
import type { AnyDiagnostic, AnyFix } from '../runbooks/definition.js';
import type { Inventory } from './inventory.js';

/**
 * The nodes that people mean by `lpar1`, `system:p9-a`, `hmc:hmc1`, `cluster:erp`, `tag:env=prod` or `all`, each once
 * and in the order of the inventory. Throws UsageError for what names nothing, with what may have been meant.
 */
export function chooseNodes(inventory: Inventory, selectors: readonly string[]): readonly NodeTarget[] {
  if (selectors.length === 0)
    throw new UsageError('Name at least one target.', 'For example: lpar1, system:NAME, all');
  const chosen = new Set<NodeTarget>();
  for (const selector of selectors) {
    for (const node of nodesFor(inventory, selector.trim())) chosen.add(node);
  }
  return [...inventory.nodes.values()].filter((node) => chosen.has(node));
}

/**
 * The clusters that people mean by the name of a cluster, by a node of one, or by anything that chooses nodes; `all` is
 * every cluster. Each once and in the order of the inventory. Throws UsageError for what is in no cluster.
 */
export function chooseClusters(inventory: Inventory, selectors: readonly string[]): readonly ClusterTarget[] {
  const known = [...inventory.clusters.keys()];
  if (known.length === 0) throw new UsageError('The inventory has no clusters yet.');
  if (selectors.length === 0)
    throw new UsageError('Name at least one cluster.', known.slice(0, 3).join(', '));
  const chosen = new Set<string>();
  for (const selector of selectors.map((one) => one.trim())) {
    const names =
      selector === 'all' ? known : nodesFor(inventory, selector).flatMap(({ cluster }) => cluster ?? []);
    if (names.length === 0) throw outsideClusters(inventory, selector, known);
    for (const name of names) chosen.add(name);
  }
  return [...inventory.clusters.values()].filter(({ name }) => chosen.has(name));
}

function outsideClusters(inventory: Inventory, selector: string, known: readonly string[]): UsageError {
  const one = inventory.nodes.has(selector)
    ? `${selector} is in no cluster`
    : `No node of ${selector} is in a cluster`;
  const clusters = known.length > 8 ? `${known.slice(0, 8).join(', ')} …` : known.join(', ');
  return new UsageError(`${one} of the inventory. Its clusters: ${clusters}.`);
}

/** What a diagnostic of that kind judges: nodes, or clusters as a whole. Throws UsageError as the two choices do. */
export function chooseSubjects(
  kind: AnyDiagnostic['kind'],
  inventory: Inventory,
  selectors: readonly string[],
): readonly (NodeTarget | ClusterTarget)[] {
  return kind === 'cluster-diagnostic'
    ? chooseClusters(inventory, selectors)
    : chooseNodes(inventory, selectors);
}

/** The names of the nodes, or of the clusters, that selectors mean, each once and in the order in which they were typed. */
export function namesInOrder(
  kind: AnyFix['kind'],
  inventory: Inventory,
  selectors: readonly string[],
): readonly string[] {
  const choose = kind === 'cluster-fix' ? chooseClusters : chooseNodes;
  return [...new Set(selectors.flatMap((one) => choose(inventory, [one]).map(({ name }) => name)))];
}

/** The nodes that selectors mean one by one, and not as members of a group: their names. */
export function namedAlone(inventory: Inventory, selectors: readonly string[]): ReadonlySet<string> {
  const alone = selectors.map((selector) => nodesFor(inventory, selector.trim())).filter(isOne);
  return new Set(alone.map(([node]) => node.name));
}

function isOne(nodes: readonly NodeTarget[]): nodes is readonly [NodeTarget] {
  return nodes.length === 1;
}

/** Every plain name and selector that chooses something: for typeahead. */
export function selectableNames(inventory: Inventory): readonly string[] {
  const nodes = [...inventory.nodes.values()];
  const tags = nodes.flatMap((node) =>
    Object.entries(node.tags).map(([key, value]) => `tag:${key}=${value}`),
  );
  return [
    ...inventory.nodes.keys(),
    ...[...inventory.systems.keys()].map((name) => `system:${name}`),
    ...[...inventory.hmcs.keys()].map((name) => `hmc:${name}`),
    ...[...inventory.clusters.keys()].map((name) => `cluster:${name}`),
    ...new Set(tags),
    'all',
  ];
}

/** A host that is connected to: what has a host key. */
export interface Host {
  readonly kind: 'hmc' | 'node' | 'jump host';
  readonly endpoint: Endpoint;
}

/** Every HMC, every node, and every jump host on the way to them, jump hosts first: the others are behind them. */
export function everyHost(inventory: Inventory): readonly Host[] {
  const hmcs = [...inventory.hmcs.values()].map(({ endpoint }): Host => ({ kind: 'hmc', endpoint }));
  const nodes = [...inventory.nodes.values()].map(({ endpoint }): Host => ({ kind: 'node', endpoint }));
  const jumps = new Map<string, Host>();
  for (const { endpoint } of [...hmcs, ...nodes]) {
    for (let hop = endpoint.jump; hop !== null; hop = hop.jump)
      jumps.set(hop.name, { kind: 'jump host', endpoint: hop });
  }
  return [...jumps.values(), ...hmcs, ...nodes];
}

/**
 * The hosts that people mean by the name of a node, an HMC or a jump host, by anything that chooses nodes, or by `all`; each
 * once. `isAlone`: named by itself, and not as one of a group. Throws UsageError for what names nothing.
 */
export function chooseHosts(
  inventory: Inventory,
  selectors: readonly string[],
): readonly (Host & { readonly isAlone: boolean })[] {
  const hosts = everyHost(inventory);
  const chosen = new Map<Host, boolean>();
  for (const selector of selectors.map((one) => one.trim())) {
    const alone = hosts.find(({ kind, endpoint }) => kind !== 'jump host' && endpoint.name === selector);
    const one = alone ?? hosts.find(({ endpoint }) => endpoint.name === selector);
    if (one !== undefined) chosen.set(one, true);
    else
      for (const host of hostsOfGroup(inventory, hosts, selector))
        chosen.set(host, chosen.get(host) ?? false);
  }
  return hosts.flatMap((host) => {
    const isAlone = chosen.get(host);
    return isAlone === undefined ? [] : [{ ...host, isAlone }];
  });
}

function hostsOfGroup(inventory: Inventory, hosts: readonly Host[], selector: string): readonly Host[] {
  if (selector === 'all') return hosts;
  const names = new Set(nodesFor(inventory, selector).map(({ name }) => name));
  return hosts.filter(({ kind, endpoint }) => kind === 'node' && names.has(endpoint.name));
}

type Belongs = (node: NodeTarget, name: string) => boolean;

const kinds = {
  system: { names: (inventory) => inventory.systems, has: (node, name) => node.system?.name === name },
  hmc: { names: (inventory) => inventory.hmcs, has: (node, name) => node.system?.hmc.name === name },
  cluster: { names: (inventory) => inventory.clusters, has: (node, name) => node.cluster === name },
} satisfies Record<string, { names: (inventory: Inventory) => ReadonlyMap<string, unknown>; has: Belongs }>;

function nodesFor(inventory: Inventory, selector: string): readonly NodeTarget[] {
  const all = [...inventory.nodes.values()];
  if (selector === 'all') return all.length > 0 ? all : nothing('The inventory has no nodes yet.');
  const [prefix, name] = split(selector);
  if (prefix === 'tag') return tagged(inventory, all, name);
  if (prefix === 'system' || prefix === 'hmc' || prefix === 'cluster') {
    const known = kinds[prefix].names(inventory);
    if (!known.has(name)) throw unknownName(`${prefix} "${name}"`, name, [...known.keys()]);
    return members(all, prefix, name);
  }
  return named(inventory, all, selector);
}

function split(selector: string): readonly [string, string] {
  const colon = selector.indexOf(':');
  return colon === -1 ? ['', selector] : [selector.slice(0, colon), selector.slice(colon + 1)];
}

function named(inventory: Inventory, all: readonly NodeTarget[], name: string): readonly NodeTarget[] {
  const node = inventory.nodes.get(name);
  if (node !== undefined) return [node];
  for (const kind of ['system', 'hmc', 'cluster'] as const) {
    if (kinds[kind].names(inventory).has(name)) return members(all, kind, name);
  }
  const plain = [...all.map((one) => one.name), ...inventory.systems.keys(), ...inventory.hmcs.keys()];
  throw unknownName(`target "${name}"`, name, [...plain, ...inventory.clusters.keys(), 'all']);
}

function members(all: readonly NodeTarget[], kind: keyof typeof kinds, name: string): readonly NodeTarget[] {
  const found = all.filter((node) => kinds[kind].has(node, name));
  return found.length > 0 ? found : nothing(`The inventory has no nodes on ${kind} ${name}.`);
}

function tagged(inventory: Inventory, all: readonly NodeTarget[], tag: string): readonly NodeTarget[] {
  const equals = tag.indexOf('=');
  if (equals < 1) throw new UsageError(`"tag:${tag}" is not a tag. Write tag:key=value.`, 'tag:key=value');
  const [key, value] = [tag.slice(0, equals), tag.slice(equals + 1)];
  const found = all.filter((node) => Object.hasOwn(node.tags, key) && node.tags[key] === value);
  if (found.length > 0) return found;
  const candidates = selectableNames(inventory).filter((name) => name.startsWith('tag:'));
  throw unknownName(`target "tag:${tag}"`, `tag:${tag}`, candidates);
}

function unknownName(what: string, word: string, candidates: readonly string[]): UsageError {
  const meant = didYouMean(word, candidates);
  const question = meant === null ? '' : ` Did you mean ${meant}?`;
  return new UsageError(`Unknown ${what}.${question}`, meant);
}

function nothing(sentence: string): never {
  throw new UsageError(sentence);
}
