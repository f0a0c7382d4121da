import { z } from 'zod';

/** Names that people type in Slack: no blanks, nothing that a selector (`system:NAME`) could be confused with. */
const name = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/,
    'A name has letters, digits, dots, underscores and hyphens, and no blanks',
  )
  .refine((text) => text !== 'all', 'The name "all" means every node; choose another');

/** A host name or address; nothing that a shell or an option parser could take for something else. */
const host = z
  .string('This must be a host name or an address')
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9.:%_-]{0,253})$|^::[0-9A-Fa-f:.]{0,60}$/,
    'This must be a host name or an address',
  );
const user = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'This must be a login name');
const port = z
  .number('This must be a port number')
  .int()
  .min(1, 'A port is 1 to 65535')
  .max(65_535, 'A port is 1 to 65535');
const path = z.string().min(1, 'This must be a path');
const absolutePath = z
  .string('This must be an absolute path on the node')
  .regex(/^\/[^\0\n*?]+$/, 'This must be an absolute path on the node, of one file');
/** It is run as root: nothing in its path may mean anything to a shell. */
const programPath = z
  .string('This must be the absolute path of a program on the node')
  .regex(/^(?!.*\/\.\.(?:\/|$))\/[\w./-]+$/, 'This must be the absolute path of a program on the node');
const absoluteGlob = z.string().regex(/^\/[^\0\n]*$/, 'This must be an absolute path on the node');
/** `tls://host:port`, where a host that is left out is the node's own; an IPv6 address stands in brackets. */
const tlsPort =
  /^tls:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,60}\])?:(?<port>\d{1,5})$/;
const certificatePlace = z
  .string('This must be an absolute path on the node, or tls://host:port')
  .refine(
    (text) => /^\/[^\0\n]*$/.test(text) || isPort(tlsPort.exec(text)?.groups?.port),
    'This must be an absolute path on the node, or tls://host:port',
  );
const owner = z.string().min(1, 'This must name who is asked, for example "@unix-oncall"').max(100);
const algorithms = z.enum(['modern', 'legacy'], 'This is modern or legacy');

const login = {
  user: user.optional().describe('The login name.'),
  port: port.optional().describe('The SSH port; left out, 22.'),
  identityFile: path
    .optional()
    .describe('The private key, on the worker: relative to this folder, or with `~`.'),
  knownHosts: path.optional().describe('Where pinned host keys are, on the worker.'),
  agent: z.boolean('This is true or false').optional().describe('Use the SSH agent of SSH_AUTH_SOCK.'),
  algorithms: algorithms
    .optional()
    .describe('`legacy` also allows old algorithms, for an sshd that cannot be updated.'),
};

const hmc = z.strictObject({
  ...login,
  host: host.describe('Name or address of the HMC.'),
  jump: name.optional().describe('The jump host to go through, by its name under `bastions`.'),
});
const system = z.strictObject({
  hmc: name.describe('The HMC that manages it, by its name under `hmcs`.'),
  name: z
    .string('This must be the name that the HMC gives the managed system')
    .min(1)
    .max(64)
    .describe('Its name on the HMC, as `lssyscfg -r sys -F name` prints it.'),
});
const node = z.strictObject({
  ...login,
  host: host.describe('Name or address of the node.'),
  system: name
    .optional()
    .describe("Its managed system, by its name under `systems`; needed to see the HMC's side."),
  lparId: z
    .number('This must be the LPAR number on its managed system')
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Its LPAR id; `uname -L` is compared with it, so that a recycled address is noticed.'),
  platform: z
    .enum(['hmc', 'powervs'], 'This is hmc or powervs')
    .default('hmc')
    .describe("`powervs`: Power Virtual Server, whose HMC is IBM's and not seen."),
  tags: z
    .record(name, z.string('A tag is text: put it in quotes'))
    .default({})
    .describe('Tags of your own, for `tag:key=value`.'),
  owner: owner.optional().describe('Who is named where something of it needs somebody.'),
  become: z
    .literal('sudo', 'The only value is sudo')
    .optional()
    .describe('Commands that need root are run as `sudo -n`; left out, the login is root or does without.'),
  jump: name.optional().describe('The jump host to go through, by its name under `bastions`.'),
  certificates: z
    .array(certificatePlace)
    .default([])
    .describe(
      'Files with certificates on it, with `*`, configuration files that name some, and ports as `tls://:443`.',
    ),
});
const cluster = z.strictObject({
  nodes: z
    .array(name)
    .min(1, 'A cluster has at least one node')
    .describe('Its nodes, by their names under `nodes`.'),
  certificates: z
    .array(absoluteGlob)
    .default([])
    .describe('Files with certificates of its communication, on every node.'),
  certificateTool: programPath
    .optional()
    .describe("The site's program that makes them anew; without it `clcomd-renew-certificates` is refused."),
});
const certificates = z.strictObject({
  nodes: z
    .union(
      [z.string(), z.array(z.string())],
      'This must be a target such as "tag:env=prod", or a list of targets',
    )
    .describe('On which nodes.'),
  files: z
    .array(certificatePlace)
    .min(1, 'This lists at least one file')
    .describe('As `certificates` of a node.'),
  owner: owner.optional().describe('Who is asked to renew them.'),
  passwordFile: absolutePath.optional().describe('The file with the password of a key store, on the node.'),
});

/** `inventory.yaml`, before names are resolved. Unknown keys are problems: a misspelt one must not pass silently. */
export const inventorySchema = z.strictObject({
  defaults: z.strictObject({ ...login, become: node.shape.become }).default({}),
  bastions: z
    .record(name, z.strictObject({ ...login, host: host.describe('Name or address of the jump host.') }))
    .default({}),
  hmcs: z.record(name, hmc).default({}),
  systems: z.record(name, system).default({}),
  nodes: z.record(name, node).default({}),
  clusters: z.record(name, cluster).default({}),
  certificates: z.array(certificates).default([]),
});

export type InventoryFile = z.infer<typeof inventorySchema>;

/** Every key that may be written, for "did you mean". */
export const inventoryKeys: readonly string[] = [
  ...Object.keys(inventorySchema.shape),
  ...Object.keys(node.shape),
  ...Object.keys(hmc.shape),
  ...Object.keys(system.shape),
  ...Object.keys(cluster.shape),
  'files',
  'passwordFile',
];

function isPort(digits: string | undefined): boolean {
  return digits !== undefined && Number(digits) >= 1 && Number(digits) <= 65_535;
}
