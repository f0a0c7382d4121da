import { describe, expect, it } from 'vitest';
import { ParseError } from '../../../src/core/errors.js';
import { renderCommand } from '../../../src/core/remote-command.js';
import { kdbDetails, pemBlocks, pkcs12Certificates } from '../../../src/runbooks/certificates/commands.js';
import { matchesOf, nextStep } from '../../../src/runbooks/certificates/globs.js';
import { storesNamedIn } from '../../../src/runbooks/certificates/named-stores.js';
import { commonName } from '../../../src/runbooks/certificates/names.js';

describe('a glob', () => {
  it('is taken one name at a time', () => {
    expect(nextStep('/etc/cluster/.cert-*')).toEqual({
      folder: '/etc/cluster',
      pattern: '.cert-*',
      rest: '',
    });
    expect(nextStep('/*/a/?.pem')).toEqual({ folder: '/', pattern: '*', rest: '/a/?.pem' });
    expect(nextStep('/opt//x*/certs/a.pem')).toEqual({ folder: '/opt', pattern: 'x*', rest: '/certs/a.pem' });
    expect(nextStep('/etc/[a].pem')).toBeNull();
  });

  it('is looked for by find with flags of AIX, in that folder alone', () => {
    const { command } = matchesOf({ folder: '/etc/cluster', pattern: 'c*[1]', rest: '' });
    expect(renderCommand(command)).toBe(
      String.raw`/usr/bin/find /etc/cluster/. '!' -name . -prune -name 'c*\[1\]' '!' -name '.*' -print`,
    );
    expect(command.needsRoot).toBe(true);
  });

  it('believes no line that is not a name in that folder', () => {
    const { reader } = matchesOf({ folder: '/etc/cluster', pattern: '*', rest: '' });
    expect(reader.read('/etc/cluster/./a b\n/etc/cluster/./c\n')).toEqual({
      kind: 'facts',
      facts: ['/etc/cluster/a b', '/etc/cluster/c'],
    });
    expect(reader.read('')).toEqual({ kind: 'facts', facts: [] });
    for (const text of [
      '/etc/cluster/./a\nb\n',
      '/etc/cluster/./a/b',
      '/etc/cluster/./',
      '/etc/shadow',
      '/etc/cluster/./\u0007',
    ])
      expect(() => reader.read(text)).toThrow(ParseError);
  });
});

describe('configuration files', () => {
  const named = (path: string, text: string) => storesNamedIn(path)?.reader.read(text);
  const paths = (path: string, text: string) => {
    const answer = named(path, text);
    return answer?.kind === 'facts'
      ? answer.facts.map((one) => (one.kind === 'path' ? one.path : one.problem))
      : null;
  };

  it('are known by their names, and asked for their directives only', () => {
    expect(storesNamedIn('/etc/passwd')).toBeNull();
    const fact = storesNamedIn('/etc/security/ldap/ldap.cfg');
    expect(fact && renderCommand(fact.command)).toBe(
      "/usr/bin/grep -i -e '^[[:space:]]*useSSL[[:space:]]*:' -e '^[[:space:]]*ldapsslkeyf[[:space:]]*:' /etc/security/ldap/ldap.cfg",
    );
    expect(fact?.exits).toEqual([1]);
  });

  it('name a store where SSL is on, relative to the server’s folder where they may be, and say what they cannot tell', () => {
    expect(paths('/x/ldap.cfg', 'useSSL:yes\nldapsslkeyf:/a.kdb\n')).toEqual(['/a.kdb']);
    expect(paths('/x/ldap.cfg', 'ldapsslkeyf:/a.kdb\n')).toEqual([]);
    expect(paths('/x/ldap.cfg', 'useSSL:no\nldapsslkeyf:/a.kdb\n')).toEqual([]);
    expect(paths('/x/sshd_config', 'HostCertificate=/etc/ssh/a-cert.pub\r\n')).toEqual([
      '/etc/ssh/a-cert.pub',
    ]);
    expect(paths('/x/httpd.conf', 'ServerRoot "/usr/My Server/"\n  keyfile conf/key.kdb prompt\n')).toEqual([
      '/usr/My Server/conf/key.kdb',
    ]);
    expect(paths('/x/httpd.conf', 'KeyFile conf/key.kdb\n')?.[0]).toMatch(/not an absolute path/);
    expect(paths('/x/httpd.conf', 'KeyFile /${HOME}/key.kdb\n')?.[0]).toMatch(/more than this file/);
  });

  it('with another line than was asked for are not understood', () => {
    expect(() => named('/x/ldap.cfg', 'bindpwd:secret\n')).toThrow(ParseError);
  });
});

describe('what a node is asked', () => {
  it('never has a password in it, and reads no key', () => {
    const commands = [
      pemBlocks('/a.pem', 100).command,
      pkcs12Certificates('/a.p12', '/pw', true).command,
      kdbDetails('/a.kdb', 'a label').command,
    ].map(renderCommand);
    expect(commands[1]).toBe('/usr/bin/openssl pkcs12 -legacy -in /a.p12 -nokeys -passin file:/pw');
    expect(commands[2]).toMatch(/-cert -details -db \/a\.kdb -stashed -label 'a label'$/);
    // The command is kept as evidence: whoever looks for keys in what is kept must not find it.
    for (const command of commands) expect(command).not.toMatch(/PRIVATE KEY|-pw|pass:/);
  });
});

describe('a common name', () => {
  it.each([
    ['CN=web,O=Example', 'web'],
    ['O=Example\\, Inc,CN=a\\,b', 'a,b'],
    ['C=US\nO=Example\nCN=web', 'web'],
    ['O=Example', 'O=Example'],
    ['', '(no name)'],
    ['CN=', 'CN='],
  ])('of %j is %j', (name, common) => {
    expect(commonName(name)).toBe(common);
  });
});
