import { formChannel } from './shown-views.js';

/**
 * What the page of local-slack 0.1.8 draws wrong is mended on the way to the browser: code fences, the entities with
 * which bots must write `&`, `<` and `>`, and `<!date>`, `<!subteam>` and `<!here>`; and buttons in forms, which do
 * nothing there. The messages themselves stay as the bot wrote them. A page of another make is left as it is.
 */
const drawText = `<script>
window.drawFenced = (text, draw) => String(text)
  .replace(/<!date\\^[^|>]*\\|([^>]*)>/g, '$1')
  .replace(/<!subteam\\^(\\w+)(?:\\|([^>]*))?>/g, (all, id, name) => name || '@' + id)
  .replace(/<!(here|channel|everyone)(?:\\|[^>]*)?>/g, '@$1')
  .split('\`\`\`').map((part, at, all) => {
  if (at % 2 === 0) return part === '' ? '' : draw(part.replace(at > 0 ? /^\\n/ : /^(?!)/, ''));
  if (at === all.length - 1) return draw('\`\`\`' + part);
  const shown = part.replace(/^\\n/, '').replace(/\\n$/, '');
  return '<pre class="fenced">' + shown.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;') + '</pre>';
}).join('').replace(/&amp;(lt|gt|amp);/g, '&$1;');
</script>
<style>
pre.fenced { margin: 4px 0; padding: 8px; border: 1px solid #ddd; border-radius: 4px; background: #f8f8f8;
  font: 12px/1.5 monospace; white-space: pre; overflow-x: auto; color: #1d1c1d; }
</style>
</head>`;

/** The minified function that turns mrkdwn into HTML: it starts by escaping its argument. */
const renderer =
  /function (?<name>\w+)\((?<text>\w+)\)\{let (?<out>\w+)=(?=\w+\(\w+\(\k<text>\)\);return \k<out>=\k<out>\.replace\(\/&lt;\(https)/;

/** The function that sends a click, and the form with its blocks. */
const clicker =
  /function (?<send>\w+)\((?:\w+,){4}\w+\)\{\w+==null\|\|\w+\.send\(JSON\.stringify\(\{t:"block_action"/;
const form =
  /function \w+\(\{stack:\w+,errors:\w+,actingUser:(?<user>\w+)\}\)[\s\S]{0,4000}?blocks:\w+\.blocks,ctx:\{input:\w+(?=\}\})/;

/** The page with all that mended. */
export function mendPage(html: string): string {
  return mendForms(mendText(html));
}

function mendForms(html: string): string {
  const send = clicker.exec(html)?.groups?.send;
  const found = form.exec(html);
  const user = found?.groups?.user;
  if (send === undefined || found === null || user === undefined) return html;
  const end = found.index + found[0].length;
  const act = `,onAction:clicked=>${send}("${formChannel}","",${user},clicked)`;
  return `${html.slice(0, end)}${act}${html.slice(end)}`;
}

function mendText(html: string): string {
  const found = renderer.exec(html);
  const { name, text, out } = found?.groups ?? {};
  if (found === null || name === undefined || text === undefined || out === undefined) return html;
  const wrapped = `function ${name}(${text}){return window.drawFenced(${text},${name}Plain)}function ${name}Plain(${text}){let ${out}=`;
  const mended = html.slice(0, found.index) + wrapped + html.slice(found.index + found[0].length);
  return mended.replace('</head>', () => drawText);
}
