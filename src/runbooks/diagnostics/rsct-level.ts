import type { Fileset } from '../../aix/lslpp.js';
import { rsctFilesets } from '../../aix/lslpp.js';
import { osLevel } from '../../aix/oslevel.js';
import type { Evidence, FactSet, Reading } from '../../core/fact.js';
import type { ConfiguredLevels, NodeTarget } from '../../core/target.js';
import type { Finding } from '../../core/verdict.js';
import { diagnostic, type Collected } from '../definition.js';
import { notReached } from './rmc/access.js';
import { judgeLevel, levelsOf, rmcLevel } from './rmc/levels.js';

const facts = { filesets: rsctFilesets, level: osLevel };
type RsctCollected = Collected<typeof facts, FactSet>;

/** Without this fileset there is no RMC; the others of rsct.core come with it. Source: IBM technote T1020611. */
const required = 'rsct.core.rmc';

/** Recommended where the settings say nothing: the level that IBM recommends on Power Virtual Server serves everywhere. */
const recommendedOnHmc = '3.2.6.2';

/** What a person does about a level: nothing here installs software. Source: IBM technote T1020611. */
const whatToDo =
  'A person updates rsct.core by the usual AIX maintenance: a preview first, a way back (alternate disk), and in a cluster one node at a time by its own procedure.';

/** Is RSCT installed at a level that works, and at the one that is recommended? The HMC is not asked. */
export const rsctLevel = diagnostic({
  id: 'rsct-level',
  title: 'RSCT levels',
  node: facts,
  hmc: (): FactSet => ({}),
  judge: judgeRsctLevel,
  remark: (collected: RsctCollected) => {
    const level = levelIn(collected);
    const os = collected.node.ok ? collected.node.facts.level : null;
    return level === null
      ? null
      : `${required} ${level}${os?.kind === 'value' ? `, AIX ${os.value.version}-${two(os.value.technologyLevel)}-${two(os.value.servicePack)}` : ''}`;
  },
});

function judgeRsctLevel(collected: RsctCollected): readonly Finding[] {
  const { target, node } = collected;
  if (!node.ok) {
    const { symptom, ...finding } = notReached(target, node.error, 'its RSCT filesets were not read');
    return symptom === undefined ? [finding] : [{ ...finding, id: 'fact.unreadable' }];
  }
  const { filesets } = node.facts;
  if (filesets.kind !== 'value')
    return [isMissing(filesets) ? notInstalled(target, filesets) : unread(filesets)];
  const level = rmcLevel(filesets.value);
  if (level === null) return [notInstalled(target, filesets)];
  const broken = filesets.value.filter((one) => one.fileset === required && !/^[ACE]$/.test(one.state));
  return [
    ...broken.map((one) => isBroken(target, one, filesets)),
    ...levelFindings(target, level, { filesets, configured: collected.rsctLevels ?? {} }),
  ];
}

function levelFindings(
  target: NodeTarget,
  level: string,
  {
    filesets,
    configured,
  }: { filesets: Extract<Reading<readonly Fileset[]>, { kind: 'value' }>; configured: ConfiguredLevels },
): readonly Finding[] {
  const judged = judgeLevel(level, target.platform, asConfigured(configured));
  const isHeld = filesets.value.some((one) => one.fileset === required && one.state === 'E');
  const shared = { evidence: [showing(filesets, level)], fixes: [] };
  const observed = `${required} ${level}. ${whatToDo}`;
  switch (judged.kind) {
    case 'fine':
      return [];
    case 'too-old':
      return [
        {
          id: 'rsct.level-too-old',
          severity: 'crit',
          title: `RSCT ${level} on ${target.name} is older than the minimum ${judged.minimum}.`,
          expected: `${required} ${judged.minimum} or later (${target.platform})`,
          observed,
          ...shared,
        },
      ];
    case 'needs-apar':
      return [
        {
          id: 'rsct.level-too-old',
          // An interim fix holds the fileset: it may be the one for the APAR, which the level does not tell.
          severity: isHeld ? 'unknown' : 'crit',
          title: `RSCT ${level} on ${target.name} is one of the two levels at which RMC needs an APAR.`,
          expected: `${required} other than 3.1.5.0 and 3.2.0.0, or the APAR`,
          observed: isHeld
            ? `an interim fix holds ${required}; see which one: emgr -l. ${observed}`
            : observed,
          ...shared,
        },
      ];
    case 'below-recommended':
      return [
        {
          id: 'rsct.level-below-recommended',
          severity: 'warn',
          title: `RSCT ${level} on ${target.name} is below the recommended ${judged.recommended}.`,
          expected: `${required} ${judged.recommended} or later`,
          observed,
          ...shared,
        },
      ];
  }
}

function notInstalled(target: NodeTarget, filesets: Reading<readonly Fileset[]>): Finding {
  return {
    id: 'rsct.not-installed',
    severity: 'crit',
    title: `RSCT is not installed on ${target.name}: there is no ${required}.`,
    expected: `the fileset ${required}`,
    observed: `lslpp does not list it. ${whatToDo}`,
    evidence: [filesets.evidence],
    fixes: [],
  };
}

/** B broken, O obsolete, ? inconsistent: what is there cannot be relied on. Source: AIX 7.2 commands, lslpp. */
function isBroken(target: NodeTarget, fileset: Fileset, filesets: Reading<readonly Fileset[]>): Finding {
  return {
    id: 'rsct.not-installed',
    severity: 'crit',
    title: `RSCT on ${target.name} is not installed whole: ${required} is in state ${fileset.state}.`,
    expected: `${required} applied (A) or committed (C)`,
    observed: `${required} ${fileset.level} in state ${fileset.state}. ${whatToDo}`,
    evidence: [showing(filesets, fileset.level)],
    fixes: [],
  };
}

function unread(filesets: Exclude<Reading<readonly Fileset[]>, { kind: 'value' }>): Finding {
  const { command, target } = filesets.evidence;
  const why = filesets.kind === 'unread' ? filesets.error.message : filesets.failure.message;
  return {
    id: 'fact.unreadable',
    severity: 'unknown',
    title: `${command} on ${target} was not read.`,
    expected: 'an answer that is understood',
    observed: why,
    evidence: [filesets.evidence],
    fixes: [],
  };
}

function isMissing(filesets: Reading<readonly Fileset[]>): boolean {
  return filesets.kind === 'failure' && /not installed/i.test(filesets.failure.message);
}

function levelIn({ node }: RsctCollected): string | null {
  if (!node.ok || node.facts.filesets.kind !== 'value') return null;
  return rmcLevel(node.facts.filesets.value);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function asConfigured(configured: ConfiguredLevels): ReturnType<typeof levelsOf> {
  const { hmc, powervs } = configured.recommended ?? {};
  return levelsOf({ ...configured, recommended: { hmc: hmc ?? recommendedOnHmc, powervs } });
}

/** The fileset's own lines of the list. */
function showing(filesets: Reading<readonly Fileset[]>, level: string): Evidence {
  const { excerpt } = filesets.evidence;
  const lines = excerpt.split('\n').filter((line) => line.includes(`:${required}:${level}:`));
  return lines.length === 0 ? filesets.evidence : { ...filesets.evidence, excerpt: lines.join('\n') };
}
