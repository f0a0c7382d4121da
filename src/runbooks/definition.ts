import type { ErrorInfo } from '../core/errors.js';
import type { FactSet, Reading, Readings } from '../core/fact.js';
import type { KnownNode } from '../core/fleet.js';
import type { Proposal, Risk } from '../core/plan.js';
import type { NodeCertificates } from '../core/certificate.js';
import type { ClusterTarget, ConfiguredLevels, ManagedSystem, NodeTarget } from '../core/target.js';
import type { PairMatrix } from '../core/pair-matrix.js';
import type { Finding } from '../core/verdict.js';

/** Whether a system could be talked to at all. `null` readings go with `ok: false`. */
export type Reached<S extends FactSet> =
  | { readonly ok: true; readonly facts: Readings<S> }
  | { readonly ok: false; readonly error: ErrorInfo };

/** Everything that was read about one node. `hmc` is null where no HMC of ours manages it (platform powervs). */
export interface Collected<N extends FactSet, H extends FactSet> {
  readonly target: NodeTarget;
  readonly node: Reached<N>;
  readonly hmc: Reached<H> | null;
  /** What the diagnostic's `followUp` asked the node in a second round trip; null or absent where it asked nothing. */
  readonly followUp?: Reached<FactSet> | null;
  /** What the fix's `followUp` asked the HMC after the first look; null or absent where it asked nothing. */
  readonly hmcFollowUp?: Reached<FactSet> | null;
  /** Every node's identity as last read, this one's included; absent where nothing is known of the others. */
  readonly fleet?: readonly KnownNode[];
  /** The same target as it was at least the verify gap ago: given where a first verdict asked for a second read. */
  readonly earlier?: Collected<N, H>;
  /** RSCT levels that the settings ask for in place of a diagnostic's own. */
  readonly rsctLevels?: ConfiguredLevels;
}

/** What a fix is asked with besides the facts. */
export interface Asked {
  /** The words behind the fix's name: `-i 0123…`. A fix refuses words that it does not know. */
  readonly words: readonly string[];
  /** Every node's identity as last read, the asked one's included. */
  readonly fleet: readonly KnownNode[];
}

/** The words that a fix takes behind its name. */
export interface WordForm {
  /** How help writes them: `-n | -i ID | -s [--delete-cluster0]`. */
  readonly usage: string;
  /** One line for each word. */
  readonly explains: readonly string[];
  /** Makes sense of the words, or says what is wrong and what may be typed in their place. Pure; never throws. */
  readonly read: (words: readonly string[]) => ReadWords;
}

/** Words in the form in which a plan keeps them, or why they make no sense. */
export type ReadWords =
  | { readonly kind: 'understood'; readonly words: readonly string[] }
  | { readonly kind: 'not-understood'; readonly message: string; readonly instead: readonly string[] | null };

/** Reads only, by type, and a judgement: both pure. */
export interface Diagnostic<N extends FactSet = FactSet, H extends FactSet = FactSet> {
  readonly kind: 'diagnostic';
  readonly id: string;
  readonly title: string;
  readonly node: N;
  /** Facts about the node's managed system, asked once per system and shared by all its LPARs. */
  readonly hmc: (system: ManagedSystem) => H;
  readonly judge: (collected: Collected<N, H>) => readonly Finding[];
  /** More facts to ask of the node, in a second round trip, after a look at the first; null for none. Pure. */
  readonly followUp?: (collected: Collected<N, H>) => FactSet | null;
  /** What is worth saying of a healthy target, such as its level; null for nothing. Pure. */
  readonly remark?: (collected: Collected<N, H>) => string | null;
  /**
   * For a sweep: what the HMC's side alone proves of a target (`node` was not asked), or null where that side does not
   * prove enough, so that the node must be logged in to. Empty findings mean healthy, and must be provable.
   */
  readonly fromHmc?: (target: NodeTarget, hmc: Reached<H>) => readonly Finding[] | null;
}

/** A change that people may approve. `plan` is pure: the same facts give the same bytes. */
export interface Fix<N extends FactSet = FactSet, H extends FactSet = FactSet> {
  readonly kind: 'fix';
  readonly id: string;
  readonly title: string;
  readonly risk: Risk;
  /** One sentence for the button's help and `/aix-help`. */
  readonly summary: string;
  readonly interrupts: string;
  /** Finding ids that it may cure. */
  readonly cures: readonly string[];
  readonly node: N;
  readonly hmc: (system: ManagedSystem) => H;
  /** The words it takes; absent where it takes none. */
  readonly takes?: WordForm;
  /** More facts to ask of the node after a look at the first: what its diagnostic asks there. Pure. */
  readonly nodeFollowUp?: (collected: Collected<N, H>) => FactSet | null;
  /** More facts to ask of the HMC after a look at the first, such as a dry run; null for none. Pure. */
  readonly followUp?: (collected: Collected<N, H>) => FactSet | null;
  readonly plan: (collected: Collected<N, H>, asked: Asked) => Proposal;
}

/** Keeps the types of a definition's facts while fitting it to the registry. */
export function diagnostic<N extends FactSet, H extends FactSet>(
  definition: Omit<Diagnostic<N, H>, 'kind'>,
): Diagnostic {
  return { kind: 'diagnostic', ...definition } as unknown as Diagnostic;
}

/** The same for a fix. */
export function fix<N extends FactSet, H extends FactSet>(definition: Omit<Fix<N, H>, 'kind'>): Fix {
  return { kind: 'fix', ...definition } as unknown as Fix;
}

/** One try of one node to run a command on another, or on itself, through clcomd. */
export interface PairTry {
  /** Inventory names. */
  readonly from: string;
  readonly to: string;
  /** From 1. */
  readonly round: number;
  readonly reading: Reading<string>;
}

/** Everything that was read about one cluster. */
export interface ClusterCollected<N extends FactSet = FactSet> {
  readonly cluster: ClusterTarget;
  readonly nodes: readonly { readonly target: NodeTarget; readonly node: Reached<N> }[];
  readonly pairs: readonly PairTry[];
  readonly certificates: readonly NodeCertificates[];
  /** ISO 8601 UTC and milliseconds. */
  readonly startedAt: string;
  readonly durationMs: number;
}

/** A judgement over all nodes of a cluster together: reads only, by type, and pure. */
export interface ClusterDiagnostic<N extends FactSet = FactSet> {
  readonly kind: 'cluster-diagnostic';
  readonly id: string;
  readonly title: string;
  /** Asked of every node, in parallel. */
  readonly node: N;
  /** How often each ordered pair is tried. */
  readonly rounds: number;
  /** More facts to ask of every node after a look at the first ones, such as names to resolve; null for none. Pure. */
  readonly followUp?: (nodes: ClusterCollected<N>['nodes']) => FactSet | null;
  /** Absolute paths of certificates that a node itself names, read there beside the inventory's. Pure. */
  readonly certificatesNamed?: (node: ClusterCollected<N>['nodes'][number]) => readonly string[];
  readonly judge: (collected: ClusterCollected<N>) => readonly Finding[];
  /** Who reached whom, where the view should show it. Pure. */
  readonly matrix?: (collected: ClusterCollected<N>) => PairMatrix;
  /** What is worth saying of a healthy cluster; null for nothing. Pure. */
  readonly remark?: (collected: ClusterCollected<N>) => string | null;
}

/** A judgement over the certificates that are declared for a node: reads only, and pure. */
export interface CertificateDiagnostic {
  readonly kind: 'certificate-diagnostic';
  readonly id: string;
  readonly title: string;
  readonly judge: (target: NodeTarget, read: NodeCertificates) => readonly Finding[];
  /** What is worth saying where there is no finding; null for nothing. Pure. */
  readonly remark: (target: NodeTarget, read: NodeCertificates) => string | null;
}

/** Gives a certificate diagnostic its kind. */
export function certificateDiagnostic(
  definition: Omit<CertificateDiagnostic, 'kind'>,
): CertificateDiagnostic {
  return { kind: 'certificate-diagnostic', ...definition };
}

/** Every kind of judgement that may be asked for by its id. */
export type AnyDiagnostic = Diagnostic | ClusterDiagnostic | CertificateDiagnostic;

/** A change on the nodes of a cluster, in an order of its own. Its plan's target is the cluster, and its steps name their nodes. */
export interface ClusterFix<N extends FactSet = FactSet> {
  readonly kind: 'cluster-fix';
  readonly id: string;
  readonly title: string;
  readonly risk: Risk;
  readonly summary: string;
  readonly interrupts: string;
  readonly cures: readonly string[];
  readonly node: N;
  /** More to ask of every node, where that depends on the cluster, such as a program that it declares. Pure. */
  readonly ofCluster?: (cluster: ClusterTarget) => FactSet;
  /** Absolute paths of certificates that a node itself names, read there beside the inventory's. Pure. */
  readonly certificatesNamed?: (node: ClusterCollected<N>['nodes'][number]) => readonly string[];
  readonly rounds: number;
  readonly takes?: WordForm;
  readonly plan: (collected: ClusterCollected<N>, asked: Asked) => Proposal;
}

/** Every kind of change that may be asked for by its id. */
export type AnyFix = Fix | ClusterFix;

/** Keeps the types of a cluster diagnostic's facts while fitting it to the registry. */
export function clusterDiagnostic<N extends FactSet>(
  definition: Omit<ClusterDiagnostic<N>, 'kind'>,
): ClusterDiagnostic {
  return { kind: 'cluster-diagnostic', ...definition } as unknown as ClusterDiagnostic;
}

/** The same for a cluster's fix. */
export function clusterFix<N extends FactSet>(definition: Omit<ClusterFix<N>, 'kind'>): ClusterFix {
  return { kind: 'cluster-fix', ...definition } as unknown as ClusterFix;
}
