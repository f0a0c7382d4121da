/** The two formats that a scrape may ask for. */

/** What goes out as the answer to a scrape. */
export interface Exposition {
  readonly type: string;
  readonly body: string;
}

const textType = 'text/plain; version=0.0.4; charset=utf-8';
const openType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** `text` (format 0.0.4) as the `Accept` header wants it: OpenMetrics 1.0.0 where that is named, else as it is. */
export function exposition(text: string, accept: string): Exposition {
  return wantsOpenMetrics(accept)
    ? { type: openType, body: openMetrics(text) }
    : { type: textType, body: text };
}

function wantsOpenMetrics(accept: string): boolean {
  return accept
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim()))
    .some(([type, ...parameters]) => type === 'application/openmetrics-text' && !parameters.some(isNever));
}

function isNever(parameter: string): boolean {
  return /^q=0(?:\.0*)?$/.test(parameter);
}

/**
 * OpenMetrics 1.0.0: a counter's family has the name without `_total`, its samples the name with it; no empty lines; an
 * end that tells whether all of it came through.
 */
function openMetrics(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '');
  const counters = new Set(
    lines.flatMap((line) => /^# TYPE (?<name>\S+)_total counter$/.exec(line)?.groups?.['name'] ?? []),
  );
  const renamed = lines.map((line) => {
    const head = /^# (?<what>HELP|TYPE) (?<name>\S+)_total (?<rest>.*)$/.exec(line)?.groups;
    if (head === undefined || !counters.has(head['name'] ?? '')) return line;
    return `# ${head['what']} ${head['name']} ${head['rest']}`;
  });
  return `${[...renamed, '# EOF'].join('\n')}\n`;
}
