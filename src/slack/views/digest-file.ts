import type { Attachment } from '../../core/message.js';
import { redact } from '../../core/redact.js';
import { finished, type Steps } from '../../core/steps.js';
import type { CertificateLine, Edition, Line } from '../../digest/edition.js';
import { bandWords, endWords } from './digest-words.js';
import { oneLine, plural, visible } from './text.js';
import { utc } from './time.js';

/** Everything of an edition as text, without a limit: what has no room in the thread stands here. */
export function digestFile(edition: Edition): Attachment {
  return finished(digestFileSteps(edition));
}

/** The same, a step for each line. */
export function* digestFileSteps(edition: Edition): Steps<Attachment> {
  const { date, at, checked, notChecked, lines, turns } = edition;
  const parts = [
    `Certificates, ${date} (${edition.zone}), made ${utc(at)}`,
    `${plural(checked.certificates, 'certificate')} on ${plural(checked.hosts, 'host')} checked.`,
    ...(notChecked.length === 0
      ? ['Every target answered.']
      : [`Not checked:\n${notChecked.map(({ target, why }) => `  ${own(target)}: ${own(why)}`).join('\n')}`]),
    '',
  ];
  for (const line of lines) {
    parts.push(lineText(line, Date.parse(at)));
    yield;
  }
  for (const { kind, name, target, path, places, notAfter } of turns) {
    const others = places > 1 ? ` and ${places - 1} more` : '';
    parts.push(`${kind}: ${own(name)} on ${own(target)} ${own(path)}${others}, ends ${notAfter}`);
    yield;
  }
  return {
    filename: `certificates-${date}.txt`,
    title: `Certificates, ${date}: all of them`,
    content: `${parts.join('\n')}\n`,
  };
}

function lineText(line: Line, atMs: number): string {
  switch (line.kind) {
    case 'certificate':
      return certificateText(line, atMs);
    case 'trouble':
      return `${line.trouble}: ${own(line.target)} ${own(line.path ?? '')}: ${own(line.says)}\n`;
    case 'rotation':
      return `yearly rotation: cluster ${own(line.cluster)}, last made ${line.rotatedAt ?? 'never, as far as is known'}\n`;
  }
}

function certificateText(line: CertificateLine, atMs: number): string {
  const places = line.places.map(
    ({ target, path, label, lastSeen }) =>
      `  on ${own(target)} ${own(path)} [${own(label)}]${lastSeen === null ? '' : ` as read on ${lastSeen}`}`,
  );
  return [
    `${bandWords[line.band]}: ${own(line.name)} ${endWords(line.notAfter, atMs)}, owner ${own(line.owner ?? 'none')}`,
    `  subject ${own(line.subject)}`,
    `  issuer ${own(line.issuer)}, serial …${own(line.serialEnd)}, ${line.type}`,
    `  SHA-256 ${own(line.fingerprint)}`,
    ...places,
    '',
  ].join('\n');
}

function own(text: string): string {
  return visible(redact(oneLine(text)));
}
