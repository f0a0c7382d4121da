/**
 * `gsk8capicmd_64 -cert -list -db FILE -stashed`: what a GSKit key database holds.
 *
 *     Certificates found
 *     * default, - personal, ! trusted, # secret key
 *     *-      "web server 2026"
 *     !       "Example Root CA"
 *     #       disk-key-1
 *
 * Labels may be quoted; the two title lines can be absent. A default without another mark is personal: GSKit makes
 * nothing else the default. A secret key is no certificate and is never to be extracted. An empty database says so in
 * a sentence; printing nothing is no answer. GSKit's own errors have numbers (`CTGSK3026W …`).
 * Source: IBM GSKCapiCmd User's Guide, GSKit 8; marks as in public captures. The sentence of an empty database and the
 * form of the error numbers are field knowledge.
 */
import type { Answer, Reader } from '../core/fact.js';
import { gskitFailure } from './layouts/gskit-failure.js';
import { endsEarly, linesOf, notUnderstood, type Line } from './layouts/lines.js';
import { answer, failed } from './layouts/messages.js';

export interface KeyEntry {
  readonly kind: 'personal' | 'trusted' | 'secret-key';
  readonly default: boolean;
  readonly label: string;
}

const command = 'gskcapicmd-list';
const title = /^Certificates(?: in database \S+)? found:?$/i;
const legend = /^\*\s*default,\s*-\s*personal,\s*!\s*trusted(?:,\s*#\s*secret key)?$/;
const none = /^No certificates were found\.?$/i;
/** A piece of the legend, or a root prompt with a command and its option, where only labels may be. */
const noLabel = /^(?:default,|\S+\s+-|(?:\S+\s+)*\|)/;
const row = /^(?<mark>\*-|-\*|\*|-|!|#)\s+(?:"(?<quoted>[^"]+)"|(?<bare>[^\s"](?:[^"]*[^\s"])?))$/;

/** Reads the list of labels. */
export const gskcapicmdListReader: Reader<readonly KeyEntry[]> = {
  id: command,
  programs: [
    'gsk8capicmd_64',
    'gsk8capicmd',
    'gskcapicmd',
    'gskcapicmd_64',
    'gsk7capicmd_64',
    'gsk7capicmd',
    'runmqakm',
  ],
  read: readList,
};

function readList(text: string): Answer<readonly KeyEntry[]> {
  const lines = linesOf(text);
  const refused = gskitFailure(command, lines, isData);
  if (refused !== null) return failed(refused);
  const rows = lines.slice(titlesIn(lines));
  const [first, ...rest] = rows;
  if (first === undefined) throw endsEarly(command, 'no label was printed', lines);
  if (none.test(first.text) && rest.length === 0) return answer([]);
  return answer(rows.map(readRow));
}

const isData = (text: string): boolean => row.test(text) || title.test(text) || legend.test(text);

/** How many of the first lines are titles. */
function titlesIn(lines: readonly Line[]): number {
  const titles = lines[0] !== undefined && title.test(lines[0].text) ? 1 : 0;
  const next = lines[titles];
  return next !== undefined && legend.test(next.text) ? titles + 1 : titles;
}

function readRow(line: Line): KeyEntry {
  const groups = row.exec(line.text)?.groups;
  const label = groups?.quoted ?? groups?.bare;
  if (groups?.mark === undefined || label === undefined || noLabel.test(label)) {
    throw notUnderstood(command, 'not a label with its mark', line);
  }
  const { mark } = groups;
  const kind = mark === '!' ? 'trusted' : mark === '#' ? 'secret-key' : 'personal';
  return { kind, default: mark.includes('*'), label };
}
