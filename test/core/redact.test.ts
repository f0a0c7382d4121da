import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth } from '../cost.js';
import { redact } from '../../src/core/redact.js';

// Canaries are invented and put together here, so that no scanner takes this file for a leak.
const slackToken = ['xoxb', '123456789012', '1234567890123', 'AbCdEfGhIjKlMnOpQrStUvWx'].join('-');
const appToken = ['xapp', '1', 'A0123456789', '1234567890', 'deadbeefdeadbeef'].join('-');
const awsKey = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const key = (kind: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMIIBVgIBADAN\nc2VjcmV0\n-----END ${kind}PRIVATE KEY-----`;

const leaks: readonly (readonly [string, string])[] = [
  [`token is ${slackToken} ok`, slackToken],
  [appToken, appToken],
  [awsKey, awsKey],
  [`before\n${key('')}\nafter`, 'c2VjcmV0'],
  [key('RSA '), 'c2VjcmV0'],
  [key('OPENSSH '), 'c2VjcmV0'],
  ['-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0 cut off here', 'c2VjcmV0'],
  ['password=hunter2canary', 'hunter2canary'],
  ['PASSWORD = "hunter2 canary"', 'canary'],
  ["db.password: 'hunter2canary'", 'hunter2canary'],
  ['{"password": "hunter2canary"}', 'hunter2canary'],
  ['root passwd: hunter2canary', 'hunter2canary'],
  ['mkhmcusr -u ops -a hmcviewer --passwd hunter2canary -d "x"', 'hunter2canary'],
  ['chsyspwd -t admin -m sys --passwd oldcanary --newpasswd newcanary', 'canary'],
  ['chhmcusr -u hscroot -t passwd -v hunter2canary', 'hunter2canary'],
  ["sshpass -p 'hunter2canary' ssh hscroot@hmc1", 'hunter2canary'],
  ['mysql -u root -phunter2canary db', 'hunter2canary'],
  ['ldapsearch -D cn=root -w hunter2canary', 'hunter2canary'],
  ['curl -u admin:hunter2canary https://hmc1', 'hunter2canary'],
  ['gsk8capicmd_64 -cert -list -db key.kdb -pw hunter2canary', 'hunter2canary'],
  ['openssl rsa -passin pass:hunter2canary', 'hunter2canary'],
  ['Authorization: Basic aHVudGVyMmNhbmFyeQ==', 'aHVudGVyMmNhbmFyeQ'],
  ['Authorization: Bearer hunter2canary', 'hunter2canary'],
  ['ftp://nim:hunter2canary@10.0.0.1/', 'hunter2canary'],
  ['\tpassword = {ssha512}06$Zk1kcanarycanary$abc', 'canary'],
  ['root:$6$saltsalt$canarycanarycanary1:0', 'canary'],
  ['SLACK_SIGNING_SECRET=hunter2canary', 'hunter2canary'],
  ['password="hunter2 canary cut off', 'canary'],
  ['password=!hunter2canary', 'hunter2canary'],
  ['aws_secret_access_key = hunter2canary', 'hunter2canary'],
];

describe('redact', () => {
  it.each(leaks)('takes the secret out of %j', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('«redacted»');
  });

  it.each([
    '/usr/sbin/rsct/bin/rmcctrl -p',
    'mkdir -p /var/adm/aixops/c1/restart',
    'KeyToken                  = "hmc01"',
    '0513-085 The ctrmc Subsystem is not on file.',
    '3004-300 You entered an invalid login name or password.',
    "root's Password: \nnext line",
    '<#0> Partition:<3*9009-42A*7800001, lpar1, 10.0.1.11>',
    ' ctrmc            rsct             5570882      active',
    'lssyscfg -r lpar -m sys1 -F lpar_id,name,state',
    '/etc/passwd /etc/security/passwd',
    'netstat -an -p tcp',
  ])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('keeps the name of what was taken out', () => {
    expect(redact('user=ops password=hunter2 host=lpar1')).toBe('user=ops password=«redacted» host=lpar1');
  });

  it('takes known secrets out wherever they stand, the longest first', () => {
    expect(redact('a s3cret-value-long b s3cret-value', ['s3cret-value', 's3cret-value-long'])).toBe(
      'a «redacted» b «redacted»',
    );
  });

  it('does not garble text over a known value that is too short to be a secret', () => {
    expect(redact('lpar1 is on', ['on', ''])).toBe('lpar1 is on');
  });

  it('changes nothing more when done twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...leaks.map(([text]) => text))), fc.string(), (texts, filler) => {
        const once = redact(texts.join(`\n${filler} `));
        expect(redact(once)).toBe(once);
      }),
    );
  });

  it.each([
    'a',
    'a-',
    'password',
    '-----BEGIN PRIVATE KEY-----',
    'mysql ',
    'x.',
    'http://a:',
    'eyJabcdefghi.',
    '$6$aaaa',
    ' ',
    '"',
  ])('takes no more than linear time for long repetitions of %j', (piece) => {
    const texts = new Map([1, 8].map((scale) => [scale, piece.repeat((scale * 100_000) / piece.length)]));
    expect(growth((scale) => redact(texts.get(scale) ?? ''))).toBeLessThan(24);
  });
});
