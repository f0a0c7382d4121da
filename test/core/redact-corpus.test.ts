import { describe, expect, it } from 'vitest';
import { redact, redactIn } from '../../src/core/redact.js';

/** Stands in every secret below, so that one look tells whether anything of it is left. */
const c = 'canary';
const dash = '-----';
/** Put together here, so that no scanner takes this file for a leak. */
const pem = (kind: string, body = `MIIB${c}\nc2Vj${c}`): string =>
  `${dash}BEGIN ${kind}${dash}\n${body}\n${dash}END ${kind}${dash}`;
const long = (head: string): string => head + c.repeat(8).slice(0, 36);

const leaks: Readonly<Record<string, readonly string[]>> = {
  'keys in files': [
    pem('PRIVATE KEY'),
    pem('ENCRYPTED PRIVATE KEY'),
    pem('RSA PRIVATE KEY', `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n${c}`),
    pem('EC PRIVATE KEY'),
    pem('OPENSSH PRIVATE KEY'),
    pem('PGP PRIVATE KEY BLOCK', `\nlQOYB${c}\n=abcd`),
    `${dash}BEGIN OPENSSH PRIVATE KEY${dash}\nb3BlbnNz${c} cut off here`,
    `${dash}BEGIN PGP PRIVATE KEY BLOCK${dash}\n${c}`,
    `Private-Lines: 2\nAAAA${c}\n${c}==\nPrivate-MAC: 00`,
  ],
  'AIX and what runs on it': [
    `root:\n\tpassword = {ssha512}06$${c}$${c}\n\tlastupdate = 1700000000`,
    `oper:\n\tpassword = ab${c}12345\n\tflags = ADMCHG`,
    `oper:{smd5}${c}${c}:201:1::/home/oper:/usr/bin/ksh`,
    `oper:a${c}12./xy:201:1::/home/oper:/usr/bin/ksh`,
    `echo "oper:${c}pw" | chpasswd`,
    `echo oper:${c}pw | /usr/bin/chpasswd -c`,
    `lssec: oper password=${c}x`,
    `<IKEPresharedKey PSK_Remote="10.0.0.1" Value="${c}x"/>`,
    `<PresharedKey Format="ASCII">${c}x</PresharedKey>`,
    `bindpwd:${c}x`,
    `bindpwd:{DESv2}0A1B${c}`,
    `ldapsslkeypwd:${c}x`,
    `bindpw ${c}x`,
    `rootbindpw ${c}x`,
    `ldapsearch -x -D cn=admin -w ${c}x`,
    `ldappasswd -D cn=admin -w ${c}x`,
    `mount -v cifs -n server1/oper/${c}x /share /mnt`,
    `mkcifsmnt -f /mnt -d share -h server1 -c oper -p ${c}x`,
    `10.0.0.9 3260 iqn.1986-03.com.ibm:2145.x "${c}x"`,
    `klist -ke -K: 3 host/lpar1@REALM (aes256-cts) (0x${Buffer.from(c.repeat(3)).toString('hex')})`,
    `dsmc query session -password=${c}x`,
    `db2 connect to sample user db2inst1 using ${c}x`,
    `sqlplus -s scott/${c}x@orcl`,
    `ssh-keygen -p -f k -P ${c}x -N ${c}y`,
    `openssl enc -aes-256-cbc -k ${c}x -in f`,
    `openssl pkcs12 -in a.p12 -passin pass:${c}x`,
    `htpasswd -bc /etc/p oper ${c}x`,
  ],
  'HMC and GSKit': [
    `mkhmcusr -u ops -a hmcviewer --passwd ${c}x -d "x"`,
    `chsyspwd -t admin -m sys1 --passwd ${c}x --newpasswd ${c}y`,
    `mkauthkeys -u hscroot --ip hmc2 --passwd '${c} x' -g`,
    `mksysconn --ip 10.0.0.9 -r sys --passwd ${c}x`,
    `chhmcusr -u hscroot -t passwd -v ${c}x`,
    `chhmcldap -o s --primary ldap://l --binddn cn=x --bindpw ${c}x`,
    `X-API-Session: ${c}x==`,
    `gsk8capicmd_64 -cert -list -db key.kdb -pw ${c}x`,
    `gsk8capicmd_64 -cert -export -db a -pw ${c}x -target b -target_pw ${c}y`,
    `gsk8capicmd_64 -keydb -changepw -db a -pw ${c}x -new_pw ${c}y -stash`,
  ],
  clouds: [
    long('github_pat_'),
    long('glpat-'),
    long('npm_'),
    long('hvs.'),
    long('sk_live_'),
    `AIza${c.repeat(6).slice(0, 35)}`,
    long('ya29.'),
    long('GOCSPX-'),
    `ibmcloud login --apikey ${c}x -r eu-de`,
    `IBMCLOUD_API_KEY=${c}x`,
    `IC_API_KEY: ${c}x`,
    `{"name": "k", "apikey": "${c}x"}`,
    `{"iam_apikey_description": "d", "apiKey":"${c}x"}`,
    `aws_secret_access_key = ${c}/x+y`,
    `"SecretAccessKey": "${c}x"`,
    `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${c}x==;EndpointSuffix=x`,
    `Endpoint=sb://x/;SharedAccessKey=${c}x=`,
    `https://a.blob.core.windows.net/c?sv=2022&sig=${c}%2Bx&se=2030`,
    `{"client_secret": "${c}x"}`,
    `{"private_key_id": "1", "private_key": "${pem('PRIVATE KEY').replaceAll('\n', '\\n')}"}`,
  ],
  'files of other programs': [
    `machine nim1 login oper password ${c}x`,
    `machine nim1\n  login oper\n  password ${c}x\n`,
    `{"auths": {"registry": {"auth": "${Buffer.from(c).toString('base64')}${c}"}}}`,
    `"identitytoken": "${c}x"`,
    `key "x" { algorithm hmac-sha256; secret "${c}x="; };`,
    `Set-Cookie: JSESSIONID=${c}x; Path=/`,
    `Cookie: a=${c}x`,
    `otpauth://totp/x?secret=${c}x&issuer=y`,
  ],
  'addresses and settings': [
    `redis://:${c}x@10.0.0.1:6379`,
    `rediss://user:${c}x@redis.example.net:6380/0`,
    `https://oper:${c}x@hmc1/`,
    `SLACK_SIGNING_SECRET=${c}x`,
    `{"password":"${c}x"}`,
    `{"said": "{\\"password\\":\\"${c} x\\"}"}`,
    JSON.stringify({ said: JSON.stringify({ token: `${c} "x"`.replaceAll('"', '') }) }),
    `db.password: '${c}x'`,
    `ROOT_PW=${c}x`,
  ],
};

describe.each(Object.entries(leaks))('of %s', (_name, texts) => {
  it.each(texts)('nothing is left in %j', (text) => {
    const clean = redact(`before\n${text}`);
    expect(clean).not.toContain(c);
    expect(clean).not.toContain(Buffer.from(c).toString('base64').slice(0, 6));
    expect(clean).toContain('«redacted»');
    expect(redact(clean)).toBe(clean);
  });
});

const certificate = pem('CERTIFICATE', 'MIIDdzCCAl+gAwIBAgIE\nAgAAuTANBgkqhkiG9w0B');

describe('what must stay readable', () => {
  it.each([
    '/usr/sbin/rsct/bin/rmcctrl -p',
    '/usr/sbin/rsct/bin/rmcctrl -P',
    'mkdir -p /var/adm/aixops/c1/restart',
    'KeyToken                  = "hmc01"',
    'resource 1:\n\tKeyToken                  = "10.0.0.5"\n\tHMCIPAddr                 = "10.0.0.5"',
    certificate,
    pem('PUBLIC KEY'),
    pem('CERTIFICATE REQUEST'),
    pem('X509 CRL'),
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9JcZ oper@nim1',
    'SHA256:0cCPmzB0TwHUCYBSTb0XKyXUGW1mQW1YQCLvYBSTb0X',
    '0513-085 The ctrmc Subsystem is not on file.',
    '3004-300 You entered an invalid login name or password.',
    "root's Password: \nnext line",
    'The password of hscroot expires in 7 days.',
    'oper:!:201:1::/home/oper:/usr/bin/ksh',
    'root:\n\tpassword = *\n\tlastupdate = 1700000000\n\tflags = ADMCHG',
    '<#0> Partition:<3*9009-42A*7800001, lpar1, 10.0.1.11>\n       Active:<1>, OS:<AIX, 7.3, 7300-02-01-2346>, DCaps:<0x2c5f>, CmdCaps:<0x1b, 0x1b>, PinnedMem:<2102>',
    'I A  0x5a1e0c7d3b92f846  0001  10.20.0.11',
    ' ctrmc            rsct             5570882      active',
    'lssyscfg -r lpar -m sys1 -F lpar_id,name,state',
    '/etc/passwd /etc/security/passwd /etc/security/ldap/ldap.cfg',
    'netstat -an -p tcp',
    'tcp4       0      0  *.657                  *.*                    LISTEN',
    'PWD=/home/oper OLDPWD=/tmp',
    'pwdadm -q oper',
    'chhmcusr -u hscroot -t name -v Ann',
    'Certificates found\n* default, - personal, ! trusted, # secret key\n!\tca\n-\tserver',
    'echo "lpar1:active" | grep active',
    'http://nim1:8080/path',
    'Jan 12 clcomd: CONNECTION: ACCEPTED: erp1: 10.0.1.11->10.0.1.12',
    'tokenring0 is a token ring adapter',
    'CN=erp1.example.net,O=Example,serial=01:ab:cd',
  ])('%j', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('inside a value', () => {
  it('takes secrets out of every string, and keeps the same object where there is none', () => {
    const clean = { a: ['x', { b: 'y' }], n: 1, z: null };
    expect(redactIn(clean)).toBe(clean);
    const when = new Date(0);
    const map = new Map([['k', `password=${c}`]]);
    expect(redactIn({ a: ['x', { b: `password=${c}` }], when, map })).toEqual({
      a: ['x', { b: 'password=«redacted»' }],
      when,
      map,
    });
  });
});
