import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

const loopback = z
  .string()
  .regex(/^127\.\d+\.\d+\.\d+$/, 'only loopback addresses (127.0.0.0/8) exist in the lab');
/** A name that people type; it also becomes a folder. */
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
/** 0: any free port. */
const port = z.number().int().min(0).max(65_535).default(0);

const hmc = z.strictObject({
  address: loopback,
  port,
  user: word.default('hscroot'),
  /** RSCT node ID of the HMC, 16 hex digits. */
  nodeId: z.string().regex(/^[0-9a-f]{16}$/),
  /** `type-model*serial` of the HMC itself. */
  machine: z.string().regex(/^[A-Z0-9]{4}[A-Z0-9]?-?[A-Z0-9]{3}\*[A-Z0-9]{7}$/),
  /** How this HMC's language says "Unknown" for a level that it does not know. */
  unknownWord: z.string().default('Unknown'),
});

const system = z.strictObject({
  hmc: word,
  /** As the HMC names it, the `-m` argument. */
  name: z.string().min(1),
  typeModel: z.string(),
  serial: z.string(),
  serviceProcessor: loopback,
  state: z.string().default('Operating'),
  connection: z.string().default('Connected'),
});

const node = z.strictObject({
  address: loopback,
  port,
  user: word.default('root'),
  become: z.literal('sudo').optional(),
  /** powervs: an LPAR of Power Virtual Server. Its HMC is IBM's and not in the lab. */
  platform: z.enum(['hmc', 'powervs']).default('hmc'),
  /** Left out on powervs. */
  system: word.optional(),
  lparId: z.number().int().min(1).max(1000),
  nodeId: z.string().regex(/^[0-9a-f]{16}$/),
  /** `oslevel -s`. */
  osLevel: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d-\d{4}$/)
    .default('7200-05-03-2148'),
  rsctLevel: z.string().default('3.2.6.2'),
  /** What runs as /usr/bin/ksh; by default the first that the host has. */
  shell: z.enum(['ksh93', 'ksh', 'mksh', 'dash', 'sh']).optional(),
  scenario: z.string().default('healthy'),
  tags: z.record(z.string(), z.string()).default({}),
  owner: z.string().optional(),
  /**
   * Certificates that are not the cluster's: absolute path (.pem, .der, .p12, .kdb) → days until they expire, below zero
   * for the past.
   */
  certificates: z
    .record(z.string().regex(/^\/(?:etc|ssl_nimsh|usr|opt|var)\/[\w./-]+$/), z.number())
    .default({}),
});

const cluster = z.strictObject({
  nodes: z.array(word).min(2),
  /** Service labels and their addresses, one for each resource group or fewer. */
  services: z.record(word, loopback).default({}),
  /** Resource groups, each with its nodes in order of preference. */
  groups: z.record(word, z.array(word).min(1)).default({}),
  /** PowerHA's level. */
  level: z
    .string()
    .regex(/^\d\.\d\.\d\.\d$/)
    .default('7.2.7.0'),
  /** What the inventory says of them. */
  certificates: z.array(z.string()).default(['/etc/cluster/.cert-*']),
  certificateTool: z.string().default('/usr/es/sbin/cluster/utilities/clrexec_cert_setup'),
});

const certificateRule = z.strictObject({
  nodes: z.string(),
  files: z.array(z.string()).min(1),
  owner: z.string().optional(),
  passwordFile: z.string().optional(),
});

export const estateSchema = z
  .strictObject({
    about: z.string().optional(),
    hmcs: z.record(word, hmc),
    systems: z.record(word, system),
    nodes: z.record(word, node),
    clusters: z.record(word, cluster).default({}),
    /** Rules of the inventory for certificates; what is really there comes from the nodes. */
    certificates: z.array(certificateRule).default([]),
  })
  .superRefine((estate, context) => {
    for (const [name, { hmc: of }] of Object.entries(estate.systems)) {
      if (!(of in estate.hmcs)) context.addIssue({ code: 'custom', message: `system ${name}: no HMC ${of}` });
    }
    for (const [name, { system: of, platform }] of Object.entries(estate.nodes)) {
      const isRight = platform === 'powervs' ? of === undefined : of !== undefined && of in estate.systems;
      if (!isRight) context.addIssue({ code: 'custom', message: `node ${name}: no system ${of ?? 'named'}` });
    }
    const members = Object.values(estate.clusters).flatMap((one) => one.nodes);
    for (const name of members) {
      const isOnce = members.filter((other) => other === name).length === 1;
      if (!isOnce || !(name in estate.nodes))
        context.addIssue({ code: 'custom', message: `${name} is not a node of exactly one cluster` });
    }
  });

/** An estate as a file or a test writes it. */
export type EstateDefinition = z.input<typeof estateSchema>;
export type Estate = z.output<typeof estateSchema>;
export type EstateHmc = Estate['hmcs'][string];
export type EstateSystem = Estate['systems'][string];
export type EstateNode = Estate['nodes'][string];
export type EstateCluster = Estate['clusters'][string];

/** Reads an estate: a definition, the path of a file, or the name of one in `estate/`; throws with every problem. */
export function loadEstate(estate: string | EstateDefinition): Estate {
  if (typeof estate !== 'string') return estateSchema.parse(estate);
  const isName = /^[a-z0-9-]+$/.test(estate) && !isAbsolute(estate);
  const file = isName ? new URL(`./estate/${estate}.json`, import.meta.url) : resolve(estate);
  return estateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
