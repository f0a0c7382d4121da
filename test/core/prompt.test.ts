import { describe, expect, it } from 'vitest';
import { stripPrompt } from '../../src/core/prompt.js';

describe('a pasted prompt line', () => {
  it.each([
    ['# lsrsrc IBM.MCP', ['lsrsrc']],
    ['#lsrsrc', ['lsrsrc']],
    ['hscroot@hmc01:~> lspartition -i', ['lspartition']],
    ['paydbn1:/#lsrpdomain', ['lsrpdomain']],
    ['[root@kakuna]:/# stopsrc -s snmpd', ['stopsrc']],
    ['hotsm001tms /usr/bin # lsrsrc "IBM.MCP"', ['lsrsrc']],
    ['$ lssrc -a | grep rsct', ['lssrc']],
    ['\t# /usr/sbin/rsct/bin/rmcdomainstatus -s ctrmc', ['rmcdomainstatus']],
    ['(0) root @ lpar1: /home/root', []],
    ['$ LC_ALL=C lssrc -a', ['lssrc']],
    ['$ sudo -n /usr/bin/lssrc -a', ['lssrc']],
  ])('%s', (line, programs) => {
    const expected = programs.length === 0 ? `${line}\ndata\n` : '\ndata\n';
    expect(stripPrompt(`${line}\ndata\n`, programs)).toBe(expected);
  });

  it('is found below blank lines, and with CRLF', () => {
    expect(stripPrompt('\r\n# lssrc -a\r\nrow\r\n', ['lssrc'])).toBe('\r\n\nrow\r\n');
  });

  it('is taken off once, at the top only, so that line numbers stay', () => {
    expect(stripPrompt('# lssrc -a\nrow\n# lssrc -a\n', ['lssrc'])).toBe('\nrow\n# lssrc -a\n');
  });
});

describe('a line of data', () => {
  it.each([
    ' lssrc            rsct             5439966      active',
    'lslpp: 0504-132  Fileset rsct.* not installed.',
    'cat: 0652-050 Cannot open /etc/ct_node_id.',
    'Name = "x" # lssrc',
    '# comment',
    '#\tdisk-key',
    '#Package Name:Fileset:Level:State',
    '43 l33t',
    '',
  ])('%j is never taken for a prompt', (line) => {
    const text = `${line}\n# lssrc -a\n`;
    if (line !== '') expect(stripPrompt(text, ['lssrc', 'lslpp', 'cat', 'uname'])).toBe(text);
  });

  it('stays when the program is another one', () => {
    expect(stripPrompt('# lsrpdomain\n', ['lssrc'])).toBe('# lsrpdomain\n');
    expect(stripPrompt('# lssrcx -a\n', ['lssrc'])).toBe('# lssrcx -a\n');
    expect(stripPrompt('# lssrc -a\n', [])).toBe('# lssrc -a\n');
  });
});
