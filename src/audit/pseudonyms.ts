/** Takes people out of exported records. Pure, given the secret of one export. */
import { createHmac } from 'node:crypto';
import type { AuditRecord } from './chain.js';

/** Details in which people write what they like: there is no telling whom they name. */
const freeText = new Set(['note', 'reason', 'seen', 'why', 'words', 'comment']);

/** Details that name people by what the settings call them. */
const people = new Set([
  'by',
  'requester',
  'approvers',
  'approver',
  'user',
  'who',
  'owner',
  'holder',
  'setBy',
]);

/** `U0123ABCD` and `W0123ABCD` as Slack makes them, `cli:name`, and `@owner` as the inventory has it. */
const ids = /(?<![\w.])(?:[UW][A-Z0-9]{8,20}|@[\w.-]{1,100}|cli:[^\s,;"'<>]{1,100})(?![A-Za-z0-9])/g;

/** Not a person. */
const machines = new Set(['worker', 'clock', 'bot', '']);

/**
 * The record with every person replaced by a pseudonym: the same person is the same one everywhere in an export, and a
 * different one in the next. What people wrote is left out. Its hash is that of the true record and cannot be checked.
 */
export function pseudonymised(record: AuditRecord, secret: Buffer): AuditRecord {
  const nameOf = (person: string): string =>
    machines.has(person)
      ? person
      : `p-${createHmac('sha256', secret).update(person).digest('hex').slice(0, 12)}`;
  const inText = (text: string): string => text.replace(ids, nameOf);
  const detail = Object.entries(record.detail).map(([key, value]) => {
    if (typeof value !== 'string' || value === '') return [key, value] as const;
    if (freeText.has(key)) return [key, '(left out)'] as const;
    if (!people.has(key)) return [key, inText(value)] as const;
    const named = value
      .split(/(?<between>[,\s]+)/)
      .map((part) => (/^[,\s]*$/.test(part) ? part : nameOf(part)));
    return [key, named.join('')] as const;
  });
  return {
    ...record,
    actor: nameOf(record.actor),
    object: inText(record.object),
    detail: Object.fromEntries(detail) as AuditRecord['detail'],
  };
}
