import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Estate } from './estate.js';

/** Where an endpoint of the lab listens, and its pinned public host key as `ssh-ed25519 AAAA…`. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly hostKey: string;
}

export interface ConfigInput {
  readonly estate: Estate;
  readonly addresses: ReadonlyMap<string, Address>;
  /** The client's private key in OpenSSH's format. */
  readonly identity: string;
}

export interface ConfigFiles {
  readonly inventory: string;
  readonly policy: string;
  readonly knownHosts: string;
  readonly identityFile: string;
}

/** The inventory of the lab; `files` are the paths that it names. */
export function inventoryYaml(
  input: ConfigInput,
  files: Pick<ConfigFiles, 'knownHosts' | 'identityFile'>,
): string {
  const { estate, addresses } = input;
  const at = (name: string) => {
    const address = addresses.get(name);
    if (address === undefined) throw new Error(`the lab has no endpoint ${name}`);
    return { host: address.host, port: address.port };
  };
  return stringify({
    defaults: { user: 'root', identityFile: files.identityFile, knownHosts: files.knownHosts },
    hmcs: mapped(estate.hmcs, (hmc, name) => ({ ...at(name), user: hmc.user })),
    systems: mapped(estate.systems, (system) => ({ hmc: system.hmc, name: system.name })),
    nodes: mapped(estate.nodes, (node, name) => ({
      ...at(name),
      ...(node.user === 'root' ? {} : { user: node.user }),
      ...(node.become === undefined ? {} : { become: node.become }),
      ...(node.system === undefined ? {} : { system: node.system, lparId: node.lparId }),
      platform: node.platform,
      ...(Object.keys(node.tags).length === 0 ? {} : { tags: node.tags }),
      ...(node.owner === undefined ? {} : { owner: node.owner }),
    })),
    ...(Object.keys(estate.clusters).length === 0
      ? {}
      : {
          clusters: mapped(estate.clusters, ({ nodes, certificates, certificateTool }) => ({
            nodes,
            certificates,
            certificateTool,
          })),
        }),
    ...(estate.certificates.length === 0 ? {} : { certificates: estate.certificates }),
  });
}

/** known_hosts lines with the right key of every endpoint. */
export function knownHosts({ addresses }: ConfigInput): string {
  const lines = [...addresses.values()].map(({ host, port, hostKey }) => `[${host}]:${port} ${hostKey}`);
  return `${lines.join('\n')}\n`;
}

/** Who is who in the demo: three are on call, ask for changes and approve each other's; high risk is for two of them. Dave may only look. */
const roles = {
  oncall: { usergroup: 'S0ONCALL', users: ['UALICE', 'UBOB', 'UCAROL'] },
  approvers: { usergroup: 'S0APPROVE', users: ['UBOB', 'UCAROL'] },
} as const;

/** Who may do what; groups are those of the local Slack (`slack`), or the same people by their ids. */
export function policyYaml(groups: 'slack' | 'listed'): string {
  return stringify({
    groups: mapped(roles, ({ usergroup, users }) =>
      groups === 'slack' ? { usergroup } : { users: [...users] },
    ),
    rules: [
      { who: ['group:oncall'], may: ['propose', 'roll-back', 'tend'] },
      { who: ['group:oncall'], may: ['approve'], what: ['risk:low', 'risk:medium'] },
      { who: ['group:approvers'], may: ['approve', 'close', 'freeze', 'enrol'] },
    ],
    allow: { diagnose: 'everyone' },
    breakGlass: { who: ['group:oncall'] },
  });
}

/** Writes inventory.yaml, policy.yaml, known_hosts and id_ed25519 (mode 0600) into a folder and returns their paths. */
export function writeConfigFiles(input: ConfigInput, folder: string): ConfigFiles {
  const base = resolve(folder);
  mkdirSync(base, { recursive: true });
  const files = {
    inventory: join(base, 'inventory.yaml'),
    policy: join(base, 'policy.yaml'),
    knownHosts: join(base, 'known_hosts'),
    identityFile: join(base, 'id_ed25519'),
  };
  writeFileSync(files.identityFile, input.identity, { mode: 0o600 });
  chmodSync(files.identityFile, 0o600);
  writeFileSync(files.knownHosts, knownHosts(input));
  writeFileSync(files.inventory, inventoryYaml(input, files));
  writeFileSync(files.policy, policyYaml('listed'));
  return files;
}

function mapped<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
