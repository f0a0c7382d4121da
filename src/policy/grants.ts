/** What a policy allows, as one list: its rules, and the short forms `allow` and `approvers` as rules without limits. */
import { isAmong, type Among } from './people.js';
import type { Verb } from './rules.js';
import type { Policy } from './schema.js';
import type { Action, ActionObject, Principal, TargetFacts } from './authorise.js';

/** A rule as it is matched. `verbs` null means all. */
export interface Grant {
  readonly who: readonly string[];
  readonly verbs: readonly Verb[] | null;
  readonly what: readonly string[] | null;
  readonly targets: readonly string[] | null;
  readonly channels: readonly string[] | null;
}

/** The verbs of `may` of which one is enough for an action; none where no rule can allow it. */
const verbsFor: Readonly<Record<Action, readonly Verb[]>> = {
  diagnose: ['diagnose'],
  'look-again': ['diagnose'],
  'stop-reading': ['diagnose'],
  'see-changes': ['see-changes', 'diagnose'],
  propose: ['propose'],
  'roll-out': ['propose'],
  // It only makes less happen.
  stop: ['propose', 'approve'],
  'roll-back': ['roll-back'],
  approve: ['approve'],
  reject: ['approve'],
  withdraw: [],
  close: ['close'],
  freeze: ['freeze'],
  'break-glass': [],
  enrol: ['enrol'],
  tend: ['tend'],
};

/** Everything that a policy allows for an action, whoever it is allowed to. */
export function grantsFor(policy: Policy, action: Action): readonly Grant[] {
  if (action === 'break-glass') return breakGlass(policy);
  const wanted = verbsFor[action];
  return [...shortForms(policy), ...policy.rules.map(grantOf)].filter(
    ({ who, verbs }) => who.length > 0 && (verbs === null || wanted.some((verb) => verbs.includes(verb))),
  );
}

/** Whether a grant is for this person. */
export function isFor(policy: Policy, principal: Principal, { who }: Grant): Among {
  return isAmong(policy, principal, who);
}

/** Whether a grant is for this fix, diagnostic or risk. */
export function fitsWhat({ what }: Grant, { name, risk, ahead }: ActionObject): boolean {
  if (what === null) return true;
  if (name === undefined && risk === undefined) return ahead === true;
  return what.some((word) => word === name || word === `risk:${risk ?? ''}`);
}

/** Whether a grant is for this target; null stands for none. */
export function fitsTarget({ targets }: Grant, target: TargetFacts | null, ahead: boolean): boolean {
  if (targets === null || targets.includes('all')) return true;
  return target === null ? ahead : targets.some((word) => means(word, target));
}

/** Whether a grant holds in this channel; null stands for a terminal. */
export function fitsChannel({ channels }: Grant, channel: string | null): boolean {
  return channels === null || (channel !== null && channels.includes(channel));
}

function grantOf({ who, may, what, targets, channels }: Policy['rules'][number]): Grant {
  const verbs = may.includes('all') ? null : may.filter((word) => word !== 'all');
  return { who, verbs, what: what ?? null, targets: targets ?? null, channels: channels ?? null };
}

function shortForms({ allow, approvers }: Policy): readonly Grant[] {
  const plain = (who: readonly string[], verbs: readonly Verb[]): Grant => ({
    ...{ who, verbs },
    ...{ what: null, targets: null, channels: null },
  });
  return [
    plain(allow.diagnose, ['diagnose']),
    plain(allow.propose, ['propose', 'roll-back', 'tend']),
    plain(approvers, ['approve', 'close', 'freeze', 'enrol']),
  ];
}

function breakGlass(policy: Policy): readonly Grant[] {
  const who = policy.breakGlass?.who ?? [];
  return who.length === 0 ? [] : [{ who, verbs: null, what: null, targets: null, channels: null }];
}

/** Whether a word such as `tag:env=prod`, `cluster:erp` or `lpar1` means this target. */
export function means(word: string, { name, tags, system, hmc, cluster }: TargetFacts): boolean {
  const colon = word.indexOf(':');
  const [kind, rest] = colon === -1 ? ['', word] : [word.slice(0, colon), word.slice(colon + 1)];
  switch (kind) {
    case 'tag': {
      const equals = rest.indexOf('=');
      const key = rest.slice(0, equals);
      return equals > 0 && Object.hasOwn(tags, key) && tags[key] === rest.slice(equals + 1);
    }
    case 'system':
      return system === rest;
    case 'hmc':
      return hmc === rest;
    case 'cluster':
      return cluster === rest;
    case 'node':
      return name === rest;
    default:
      // Names are unique over nodes, HMCs, systems and clusters together.
      return colon === -1 && [name, system, hmc, cluster].includes(word);
  }
}
