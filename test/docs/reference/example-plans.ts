import type { FactSet } from '../../../src/core/fact.js';
import type { Plan } from '../../../src/core/plan.js';
import type { AnyFix, Collected, Fix } from '../../../src/runbooks/definition.js';
import { caseNames, collectedOf, readingOf } from '../../runbooks/cases.js';
import { certificatesOn, type Changed, type ClusterCase } from '../../runbooks/clusters.js';
import { changeable, listed } from '../../runbooks/fixes/cluster-ground.js';

/** Words to ask a fix with, the plain ones first. */
const typed: readonly (readonly string[])[] = [[], ['-n'], ['-i', '00c0de0a511b20c9'], ['-s']];

const down: Changed = {
  clcomd: { value: [{ name: 'clcomd', group: 'caa', pid: null, status: 'inoperative' }] },
};
const failing = { 'erp1>erp2': 'xxx', 'erp2>erp1': 'xxx' };
const security = { value: { LEVEL: 'HIGH', MECHANISM: 'OpenSSL', CERTIFICATE: '/etc/cluster/.cert-erp1' } };

/** Clusters with something wrong, one of which each fix is for. */
const clusters: readonly ClusterCase[] = [
  { nodes: { erp2: down }, tries: failing },
  { tries: failing },
  { nodes: { erp2: listed(['10.20.1.12', '10.20.1.251']) }, tries: { 'erp1>erp2': 'xxx' } },
  {
    nodes: { erp1: { security }, erp2: { security } },
    tries: failing,
    certificates: [certificatesOn('erp1', -12), certificatesOn('erp2', -12)],
  },
];

/** A plan of the fix, from recorded facts. Throws where no recorded facts lead to one: then a case is missing. */
export function examplePlan(fix: AnyFix): Plan {
  const plan = fix.kind === 'fix' ? onNode(fix) : onCluster(fix);
  if (plan === null)
    throw new Error(`no case of test/fixtures/runbooks/rmc leads to a plan of ${fix.id}: add one`);
  return plan;
}

function onNode(fix: Fix): Plan | null {
  for (const words of typed) {
    for (const name of caseNames) {
      const collected = withDryRun(collectedOf(name));
      const proposal = fix.plan(collected, { words, fleet: collected.fleet ?? [] });
      if (proposal.kind === 'plan') return proposal.plan;
    }
  }
  return null;
}

/** The HMC's level and its dry run of diagrmc, which no recorded case has: the words are invented. */
function withDryRun(collected: Collected<FactSet, FactSet>): Collected<FactSet, FactSet> {
  if (collected.hmc?.ok !== true) return collected;
  const hmcLevel = readingOf('hmc1', 'lshmc -V', {
    value: { version: '10', release: '3', servicePack: '1060' },
  });
  const lines = [
    'Partition 3 at 10.20.1.11 has no RMC connection.',
    'Its entry would be removed and made anew.',
  ];
  const dryRun = readingOf('hmc1', 'diagrmc', { value: { connected: [], lines } });
  return {
    ...collected,
    hmc: { ok: true, facts: { ...collected.hmc.facts, hmcLevel } },
    hmcFollowUp: { ok: true, facts: { dryRun } },
  };
}

function onCluster(fix: Extract<AnyFix, { kind: 'cluster-fix' }>): Plan | null {
  for (const one of clusters) {
    const proposal = fix.plan(changeable(one), { words: [], fleet: [] });
    if (proposal.kind === 'plan') return proposal.plan;
  }
  return null;
}
