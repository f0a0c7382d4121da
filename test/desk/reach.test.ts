import { describe, expect, it } from 'vitest';
import { clcomdFix } from '../../commands/clcomd-fix.js';
import { clcomdStatus } from '../../commands/clcomd-status.js';
import { aixHelp } from '../../commands/aix-help.js';
import { rmcFix } from '../../commands/rmc-fix.js';
import { rmcStatus } from '../../commands/rmc-status.js';
import type { Audit, AuditEvent } from '../../src/audit/audit.js';
import { createForesight, createPermission } from '../../src/desk/permission.js';
import { targetFacts } from '../../src/policy/target-facts.js';
import { createReach } from '../../src/desk/reach.js';
import { policySchema } from '../../src/policy/schema.js';
import { formView, suggestions } from '../../src/slack/form.js';
import { smallEstate } from '../commands/small-estate.js';

const estate = smallEstate();
const policy = policySchema.parse({
  groups: { oncall: { usergroup: 'S111' } },
  allow: { diagnose: 'nobody' },
  rules: [
    { who: 'U111', may: 'diagnose', what: 'rmc', targets: ['tag:env=prod'] },
    { who: 'U111', may: 'propose', what: ['risk:low', 'rmc-restart'], targets: 'lpar1', channels: 'C111' },
    { who: 'group:oncall', may: 'all' },
  ],
});

let asked: string[] = [];
const groupsOf = (user: string) => {
  asked.push(user);
  return Promise.resolve(user === 'U222' ? ['S111'] : user === 'U333' ? null : []);
};
const reach = createReach(createForesight({ policy, groupsOf }), estate);
const person = (user: string, channel = 'C111') => ({ user, channel });
const words = (offers: (word: string) => boolean, typed = '', command = rmcStatus) =>
  suggestions(command, { blockId: 'pick-targets', typed }, estate, offers).map(({ value }) => value);

describe('how far a command reaches', () => {
  it('is the targets that a rule lets this person use for it, and groups of which all are', async () => {
    const { isOpen, offers } = await reach(person('U111'), rmcStatus);
    expect(isOpen).toBe(true);
    expect(words(offers)).toEqual(['system:p9-b', 'cluster:erp', 'tag:env=prod', 'lpar1', 'erp-db1']);
  });

  it('is nothing for what no rule names: another diagnostic, another channel, another person', async () => {
    expect((await reach(person('U111'), clcomdStatus)).isOpen).toBe(false);
    expect((await reach(person('U111', 'C222'), rmcFix)).isOpen).toBe(false);
    const nobody = await reach(person('U999'), rmcStatus);
    expect([nobody.isOpen, words(nobody.offers)]).toEqual([false, []]);
    expect((await reach(person('U999'), aixHelp)).isOpen).toBe(true);
  });

  it('is the fixes that this person may propose, also in the form', async () => {
    const { offers } = await reach(person('U111'), rmcFix);
    const view = formView(rmcFix, { command: '/rmc-fix', channel: 'C111', threadTs: null }, estate, offers);
    expect(JSON.stringify(view)).toContain('rmc-enable-remote');
    expect(JSON.stringify(view)).toContain('rmc-restart');
    expect(JSON.stringify(view)).not.toContain('rsct-rebuild');
    expect(['lpar1', 'lpar2', 'all'].filter(offers)).toEqual(['lpar1']);
    // A low fix of clcomd would do, but not on a cluster.
    const cluster = await reach(person('U111'), clcomdFix);
    expect([cluster.isOpen, cluster.offers('erp')]).toEqual([true, false]);
  });

  it('is everything for who may all, and nothing where Slack does not say who that is', async () => {
    const all = await reach(person('U222'), rmcStatus);
    expect(words(all.offers)).toContain('all');
    expect((await reach(person('U333'), rmcStatus)).isOpen).toBe(false);
  });
});

describe('permission', () => {
  const events: AuditEvent[] = [];
  const audit = {
    append: (event: AuditEvent) => {
      events.push(event);
      return Promise.resolve();
    },
  } as unknown as Audit;
  const mayI = createPermission({ policy, audit, groupsOf });
  const [lpar1] = targetFacts(estate.inventory, ['lpar1']);

  it('asks Slack about groups only where that may matter', async () => {
    asked = [];
    const object = { name: 'rmc', targets: lpar1 === undefined ? [] : [lpar1] };
    expect(await mayI(person('U111'), 'diagnose', 'x', object)).toEqual({ allowed: true });
    expect(asked).toEqual([]);
    expect(await mayI(person('U222'), 'diagnose', 'x', object)).toEqual({ allowed: true });
    expect(asked).toEqual(['U222']);
  });

  it('writes a refusal down with its rule, and nothing where help asks', async () => {
    events.length = 0;
    expect(await mayI(person('U333'), 'freeze', 'all')).toMatchObject({ rule: 'groups-unknown' });
    expect(await mayI(person('U999'), 'freeze', 'help')).toMatchObject({ rule: 'freeze' });
    expect(events).toMatchObject([
      {
        code: 'request.refused',
        actor: 'U333',
        object: 'all',
        detail: { action: 'freeze', rule: 'groups-unknown' },
      },
    ]);
  });
});
