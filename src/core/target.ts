/** How to log in to one SSH endpoint. Times are milliseconds; secrets are paths or sockets, never values. */
export interface Endpoint {
  /** The name in the inventory: what people type and read. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string | null;
  /** Use the agent at SSH_AUTH_SOCK. */
  readonly agent: boolean;
  readonly knownHosts: string;
  readonly become: 'sudo' | null;
  readonly algorithms: 'modern' | 'legacy';
  readonly jump: Endpoint | null;
}

export interface HmcTarget {
  readonly kind: 'hmc';
  readonly name: string;
  readonly endpoint: Endpoint;
}

/** A Power server as the HMC names it (`hmcName`, the `-m` argument), and the short name people use (`name`). */
export interface ManagedSystem {
  readonly name: string;
  readonly hmcName: string;
  readonly hmc: HmcTarget;
}

/** hmc: managed by an HMC of ours. powervs: IBM Power Virtual Server, whose HMC side is not ours to read. */
export type Platform = 'hmc' | 'powervs';

/** RSCT levels (VRMF) by platform as the settings give them; what is left out keeps its default. */
export interface ConfiguredLevels {
  readonly minimum?: { readonly [P in Platform]?: string | undefined };
  readonly recommended?: { readonly [P in Platform]?: string | undefined };
}

/**
 * Where certificates of a node are: an absolute path, a glob in which `*` and `?` stand for part of one name, or what a
 * port serves (`tls://host:port`; `tls://:port` is the node's own). A configuration file that names a store stands for it.
 */
export interface CertificateRule {
  readonly path: string;
  /** Who renews them, as the inventory says; null where it says nothing. */
  readonly owner: string | null;
  /** Absolute path, on the node, of the file with the password of a PKCS#12 store. */
  readonly passwordFile?: string;
}

/** An AIX or VIOS instance that is logged in to. */
export interface NodeTarget {
  readonly kind: 'node';
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly platform: Platform;
  readonly system: ManagedSystem | null;
  readonly lparId: number | null;
  readonly cluster: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly owner: string | null;
  /** Its own certificates, those of its cluster and those of rules that choose it, each path once; absent for none. */
  readonly certificates?: readonly CertificateRule[];
}

/** Whether there is anything to read of a node's certificates. */
export function declaresCertificates({ certificates = [] }: NodeTarget): boolean {
  return certificates.length > 0;
}

/** A PowerHA cluster, as the inventory declares it. */
export interface ClusterTarget {
  readonly kind: 'cluster';
  readonly name: string;
  /** In the order of the inventory. */
  readonly nodes: readonly NodeTarget[];
  /** Absolute paths or globs of its communication certificates. */
  readonly certificates: readonly string[];
  /** The site's program that makes new ones. */
  readonly certificateTool: string;
}

export type Target = NodeTarget | HmcTarget;
