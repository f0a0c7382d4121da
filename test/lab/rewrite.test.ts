import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { IntoRoot, OutOfRoot, intoRoot } from './rewrite.js';

const root = '/tmp/lab/nodes/lpar1';

describe('paths on their way into a root', () => {
  it.each([
    ['/usr/bin/lssrc -a </dev/null', `${root}/usr/bin/lssrc -a </dev/null`],
    ['cd \'/var/adm\' && ls "/etc/x" >/tmp/y', `cd '${root}/var/adm' && ls "${root}/etc/x" >${root}/tmp/y`],
    ['PATH=/usr/bin:/etc', `PATH=${root}/usr/bin:${root}/etc`],
    ['[ -d /var ]||mkdir /var', `[ -d ${root}/var ]||mkdir ${root}/var`],
    ['cd / || exit 1; (cd /)\ncd /', `cd ${root} || exit 1; (cd ${root})\ncd ${root}`],
    ['cat <<E\n/usr/x\nE\n', `cat <<E\n${root}/usr/x\nE\n`],
  ])('moves %j', (text, moved) => {
    expect(intoRoot(text, root)).toBe(moved);
  });

  it.each([
    '$HOME/tmp/x',
    '"$dir"/var/x',
    '${dir}/etc',
    '$(pwd)/opt',
    'rsct/bin/rmcctrl',
    '/dev/null',
    '/usrlocal/x',
    '/proc/1',
    'echo $((6 / 2)) / 3',
    'abcd / x',
    `${root}/var/adm`,
  ])('leaves %j alone', (text) => {
    expect(intoRoot(text, root)).toBe(text);
  });

  it('rewrites a stream that is cut anywhere, and keeps every byte', async () => {
    const bytes = Buffer.from(`/usr/bin/printf '\\377'\n\xff\x00\xfe /var/adm\nlast /etc/x`, 'latin1');
    const wanted = `${root}/usr/bin/printf '\\377'\n\xff\x00\xfe ${root}/var/adm\nlast ${root}/etc/x`;
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const stream = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]).pipe(new IntoRoot(root));
      expect(await collect(stream)).toBe(wanted);
    }
  });
});

describe('what a shell prints, on its way out', () => {
  it('loses the root wherever the stream is cut', async () => {
    const bytes = Buffer.from(`a ${root}/usr/bin/x\n\xff/tmp/lab ${root}\n${root}0/y ${root}`, 'latin1');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const stream = Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]).pipe(new OutOfRoot(root));
      expect(await collect(stream)).toBe(`a /usr/bin/x\n\xff/tmp/lab /\n${root}0/y /`);
    }
  });
});

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}
