import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { mendPage } from './page.js';

/** As the page of local-slack 0.1.8 begins its function (captured, shortened). */
const page = `<html><head></head><body><script>
function E6(l){return l.replace(/&/g,"&amp;").replace(/</g,"&lt;").replace(/>/g,"&gt;")}function j6(l){return l}
function C6(l){let c=j6(E6(l));return c=c.replace(/&lt;(https?:[^\\s|]*?)&gt;/g,'<a href="$1">$1</a>'),c=c.replace(/\\n/g,"<br/>"),c}
</script></body></html>`;

function draw(text: string): unknown {
  const scripts = [...mendPage(page).matchAll(/<script>(?<code>[^]*?)<\/script>/g)];
  const code = scripts.map((script) => script.groups?.code ?? '').join('\n');
  return runInNewContext(`const window = globalThis; ${code}\n;C6(given)`, { given: text });
}

describe('the mended page', () => {
  it('draws a code fence as it stands, line by line', () => {
    expect(draw('a\n```\nx  *y*\n z\n```\nb')).toBe('a<br/><pre class="fenced">x  *y*\n z</pre>b');
  });

  it('leaves a fence alone that is not closed', () => {
    expect(draw('a ```b')).toBe('a ```b');
  });

  it('shows entities as the characters that they stand for, never as markup', () => {
    expect(draw('&lt;!channel&gt; &amp;lt; ```&lt;b&gt;```')).toBe(
      '&lt;!channel&gt; &amp;lt; <pre class="fenced">&lt;b&gt;</pre>',
    );
  });

  it('shows dates, groups and calls to everybody', () => {
    expect(
      draw('<!date^1772593500^{date} {time}|2026-03-04 03:05 UTC> <!subteam^S1|@ops> <!subteam^S2> <!here>'),
    ).toBe('2026-03-04 03:05 UTC @ops @S2 @here');
  });

  it('stays as it is where it is another page', () => {
    expect(mendPage('<html><head></head></html>')).toBe('<html><head></head></html>');
  });
});
