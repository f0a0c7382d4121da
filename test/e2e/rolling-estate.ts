import type { EstateDefinition } from '../lab/lab.js';

/** Nodes on which RMC is stopped, so that there is something to change; each gets one change. */
export const brokenNodes: readonly string[] = names('sick', 15);
/** Nodes that are only looked at. */
export const wellNodes: readonly string[] = names('well', 5);

function names(word: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${word}${n + 1}`);
}

/** One HMC with one managed system, and on it all of those nodes. Every name and number is invented. */
export function rollingEstate(): EstateDefinition {
  const all = [...brokenNodes, ...wellNodes];
  const nodes = all.map((name, n) => {
    const nodeId = `1c0de0a511b21${(n + 16).toString(16).padStart(3, '0')}`;
    const scenario = brokenNodes.includes(name) ? 'ctrmc-stopped' : 'healthy';
    return [
      name,
      { address: `127.0.21.${n + 11}`, system: 'p10-r', lparId: n + 1, nodeId, scenario },
    ] as const;
  });
  return {
    hmcs: { hmcr: { address: '127.0.21.5', nodeId: '5a1e0c7d3b92f847', machine: '7063-CR2*78000B1' } },
    systems: {
      'p10-r': {
        ...{ hmc: 'hmcr', name: 'Server-9105-42A-SN7800009', typeModel: '9105-42A', serial: '7800009' },
        serviceProcessor: '127.0.21.9',
      },
    },
    nodes: Object.fromEntries(nodes),
  };
}
