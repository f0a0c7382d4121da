/**
 * Configuration files that name a certificate store. Only the lines of the directives are asked for: the rest of such a
 * file may hold passwords (`bindpwd`, `ldapsslkeypwd`) and never leaves the node.
 *
 *     useSSL:yes
 *     ldapsslkeyf:/etc/security/ldap/key.kdb
 *
 *     HostCertificate /etc/ssh/ssh_host_rsa_key-cert.pub
 *
 *     ServerRoot "/usr/IBM/HTTPServer"
 *     KeyFile conf/key.kdb
 *
 * Printing nothing means that the file has none of these directives.
 * Source: AIX 7.2 files reference, ldap.cfg; OpenSSH, sshd_config(5); IBM HTTP Server, KeyFile; Apache 2.4, mod_ssl.
 */
import type { Answer, Fact, Reader } from '../../core/fact.js';
import { ParseError } from '../../core/errors.js';
import { nodeRead } from '../../core/remote-command.js';

/** A store that a configuration file names; `problem` says why its path cannot be told. */
export type NamedStore =
  | { readonly kind: 'path'; readonly path: string; readonly isKdb: boolean }
  | { readonly kind: 'problem'; readonly problem: string };

interface Directive {
  readonly name: string;
  readonly value: string;
}

interface Form {
  readonly directives: readonly string[];
  /** What stands between a directive and its value, as a basic regular expression and as one of ours. */
  readonly between: string;
  readonly row: RegExp;
  readonly stores: (found: readonly Directive[]) => readonly NamedStore[];
}

const words = /^\s*(?<name>\w+)(?:\s*=\s*|\s+)(?<value>\S.*?)\s*$/;

const forms: Readonly<Record<string, Form>> = {
  'ldap.cfg': {
    directives: ['useSSL', 'ldapsslkeyf'],
    between: '[[:space:]]*:',
    row: /^\s*(?<name>\w+)\s*:\s*(?<value>.*?)\s*$/,
    stores: ldapStores,
  },
  sshd_config: {
    directives: ['HostCertificate'],
    between: '[[:space:]=]',
    row: words,
    stores: (found) => found.map(({ value }) => named(unquoted(value), null, false)),
  },
  'httpd.conf': {
    directives: ['ServerRoot', 'KeyFile', 'SSLCertificateFile'],
    between: '[[:space:]]',
    row: words,
    stores: httpdStores,
  },
};

/** The lines of a configuration file that name stores; null for a path that is no configuration file known here. */
export function storesNamedIn(path: string): Fact<readonly NamedStore[]> | null {
  const form = forms[path.slice(path.lastIndexOf('/') + 1)];
  if (form === undefined) return null;
  const patterns = form.directives.flatMap((name) => ['-e', `^[[:space:]]*${name}${form.between}`]);
  return {
    command: nodeRead('/usr/bin/grep', ['-i', ...patterns, path], 'AIX 7.2 commands, grep', {
      needsRoot: true,
      maxBytes: 64 * 1024,
    }),
    reader: readerOf(form),
    exits: [1],
  };
}

function readerOf({ directives, row, stores }: Form): Reader<readonly NamedStore[]> {
  const known = directives.map((name) => name.toLowerCase());
  const read = (text: string): Answer<readonly NamedStore[]> => {
    const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
    const found = lines.flatMap((line, at) => {
      if (line.trim() === '') return [];
      const { name, value } = row.exec(line)?.groups ?? {};
      if (name === undefined || value === undefined || !known.includes(name.toLowerCase()))
        throw new ParseError('grep', 'not a directive that was asked for', line, at + 1);
      return [{ name: name.toLowerCase(), value }];
    });
    return { kind: 'facts', facts: stores(found) };
  };
  return { id: 'grep', programs: ['grep'], read };
}

/** Without SSL the client does not read its key file: then nothing of it can expire. */
function ldapStores(found: readonly Directive[]): readonly NamedStore[] {
  const usesSsl = found.some(({ name, value }) => name === 'usessl' && /^(?:yes|ssl|tls)$/i.test(value));
  if (!usesSsl) return [];
  return found
    .filter(({ name, value }) => name === 'ldapsslkeyf' && value !== '')
    .map(({ value }) => named(value, null, /\.kdb$/.test(value)));
}

function httpdStores(found: readonly Directive[]): readonly NamedStore[] {
  const root = found.find(({ name }) => name === 'serverroot');
  return found
    .filter(({ name }) => name !== 'serverroot')
    .map(({ name, value }) =>
      named(unquoted(value), root === undefined ? null : unquoted(root.value), name === 'keyfile'),
    );
}

/** A value in quotes may have blanks; behind one without there may be more words (KeyFile's `prompt`). */
function unquoted(value: string): string {
  return /^"(?<inside>[^"]+)"/.exec(value)?.groups?.inside ?? value.split(/\s/)[0] ?? value;
}

function named(value: string, root: string | null, isKdb: boolean): NamedStore {
  const path = value.startsWith('/') || root === null ? value : `${root.replace(/\/+$/, '')}/${value}`;
  if (!path.startsWith('/'))
    return { kind: 'problem', problem: `names the store ${value}, which is not an absolute path.` };
  if (path.includes('${') || /[*?\p{Cc}]/u.test(path))
    return {
      kind: 'problem',
      problem: `names the store ${path}, whose path depends on more than this file.`,
    };
  return { kind: 'path', path, isKdb };
}
