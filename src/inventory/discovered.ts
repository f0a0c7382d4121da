import type { HmcRow } from '../hmc/lssyscfg.js';
import type { Inventory } from './inventory.js';

/** One managed system as its HMC knows it; `lpars` is why they were not read where they were not. */
export interface DiscoveredSystem {
  /** As the HMC names it. */
  readonly hmcName: string;
  readonly state: string;
  readonly lpars: readonly HmcRow[] | { readonly unread: string };
}

/**
 * What an HMC knows, as inventory YAML: its managed systems, and its AIX and VIOS LPARs with the address that RMC has
 * for them. Only an active connection vouches for an address, so LPARs without one stand there as comments, as do
 * those of other operating systems. What the inventory has already keeps its name there and is left out here.
 */
export function discoveredYaml(
  hmcName: string,
  systems: readonly DiscoveredSystem[],
  inventory: Inventory,
): string {
  const taken = new Set(
    [inventory.nodes, inventory.hmcs, inventory.systems, inventory.clusters].flatMap((all) => [
      ...all.keys(),
    ]),
  );
  const named = systems.map((system) => ({ system, ...systemName(system, inventory, taken) }));
  const lines = [
    `# What ${comment(hmcName)} knows. Add it to inventory.yaml; a line behind # needs a person first.`,
    'systems:',
    ...named.map(({ system, name, isKnown }) => {
      const line = `${name}: { hmc: ${JSON.stringify(hmcName)}, name: ${JSON.stringify(system.hmcName)} }`;
      return isKnown ? `  # ${name}: in the inventory already` : `  ${line}`;
    }),
    'nodes:',
    ...named.flatMap(({ system, name }) => nodeLines(system, name, inventory, taken)),
  ];
  return `${emptyMappings(lines).join('\n')}\n`;
}

/** A mapping of comments alone would be null in YAML: it is said to be empty. */
function emptyMappings(lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => {
    if (!/^\w+:$/.test(line)) return line;
    const end = lines.findIndex((other, later) => later > at && /^\w+:$/.test(other));
    const inside = lines.slice(at + 1, end === -1 ? undefined : end);
    return inside.every((one) => one.trim().startsWith('#')) ? `${line} {}` : line;
  });
}

function systemName(
  { hmcName }: DiscoveredSystem,
  inventory: Inventory,
  taken: Set<string>,
): { name: string; isKnown: boolean } {
  const known = [...inventory.systems.values()].find((system) => system.hmcName === hmcName);
  return known === undefined
    ? { name: freeName(hmcName, taken), isKnown: false }
    : { name: known.name, isKnown: true };
}

function nodeLines(
  { hmcName, state, lpars }: DiscoveredSystem,
  system: string,
  inventory: Inventory,
  taken: Set<string>,
): readonly string[] {
  const head = `  # ${comment(hmcName)}, ${comment(state)}`;
  if ('unread' in lpars) return [`${head}: its LPARs were not read: ${comment(lpars.unread)}`];
  return [head, ...lpars.map((row) => nodeLine(row, system, inventory, taken))];
}

function nodeLine(row: HmcRow, system: string, inventory: Inventory, taken: Set<string>): string {
  const { lpar_id: id = '', name = '' } = row;
  const known = [...inventory.nodes.values()].find(
    (node) => node.system?.name === system && node.lparId === Number(id),
  );
  if (known !== undefined) return `  # ${known.name}: in the inventory already (LPAR ${comment(id)})`;
  const otherOs = otherSystem(row);
  if (otherOs !== null) return `  # LPAR ${comment(id)}, ${comment(name)}: ${otherOs}`;
  const own = freeName(name, taken);
  const also = own === name ? '' : `   # on the HMC: ${comment(name)}`;
  const tags = row['lpar_env'] === 'vioserver' ? ', tags: { role: vios }' : '';
  const rest = `system: ${system}, lparId: ${comment(id)}${tags} }`;
  const host = addressOf(row);
  return host === null
    ? `  # ${own}: { host: ADDRESS, ${rest}   # ${whyNoAddress(row)}${also}`
    : `  ${own}: { host: ${JSON.stringify(host)}, ${rest}${also}`;
}

/** An LPAR that is not connected keeps the address that it last had, which may be somebody else's by now. */
function addressOf(row: HmcRow): string | null {
  const { state, rmc_state: rmcState, rmc_ipaddr: address = '' } = row;
  const isAddress = /^[0-9A-Fa-f.:]{3,45}$/.test(address);
  return state === 'Running' && rmcState === 'active' && isAddress ? address : null;
}

function whyNoAddress({ state = '', rmc_state: rmcState = '' }: HmcRow): string {
  return `${comment(state)}, RMC ${comment(rmcState) || 'unknown'}: the HMC has no address that is sure`;
}

/** Levels are printed as `AIX 7.2 …` and `VIOS 3.1 …`; `Unknown` is translated, so only what is surely another system is left out. */
function otherSystem({ lpar_env: env = '', os_version: os = '' }: HmcRow): string | null {
  if (env === 'os400') return 'IBM i';
  return /^(?:Linux|SLES|Red ?Hat|RHEL|Ubuntu)/i.test(os) ? comment(os) : null;
}

/** The name as an inventory takes it, with a number behind it where somebody has it already. */
function freeName(name: string, taken: Set<string>): string {
  const bare = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9_]+$/g, '');
  const base = bare === '' || bare === 'all' ? `lpar-${bare}`.replace(/-$/, '') : bare;
  let own = base;
  for (let count = 2; taken.has(own); count += 1) own = `${base}-${count}`;
  taken.add(own);
  return own;
}

/** Foreign text inside a comment: one line, nothing that steers a terminal. */
function comment(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
}
