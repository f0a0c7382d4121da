import type { DataTableBlock, KnownBlock, PlanBlock } from '@slack/types';
import { redact } from '../../core/redact.js';
import type { Verdict } from '../../core/verdict.js';
import { mainFinding, worstFirst } from './findings.js';
import { clip, oneLine, plain, visible } from './text.js';
import { levelWords, marks } from './words.js';

/**
 * The rich dress: blocks that sort, page and tick off, and that not every workspace has yet. A message carries them
 * beside its classic blocks, and the poster falls back where Slack refuses them.
 * Source: docs.slack.dev, data table block (a header row and at most 100 rows of equal length, a caption that is read
 * aloud) and plan block (task states pending, in_progress, complete, error). What a table may weigh is not documented;
 * it is kept to the 10,000 characters of the older table block.
 */
const limits = { rows: 100, characters: 9_000, cell: 150, caption: 200, title: 150 } as const;

/** One line of a checklist. */
export interface Task {
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'complete' | 'error';
}

/** A checklist that is ticked off while something runs. */
export function checklist(title: string, tasks: readonly Task[]): PlanBlock {
  return {
    type: 'plan',
    title: plain(title, limits.title),
    tasks: tasks.map((task, at) => ({
      type: 'task_card',
      task_id: `task-${at + 1}`,
      title: plain(task.title, limits.title),
      status: task.status,
    })),
  };
}

/** Rows that can be sorted and paged, numbers as numbers, and how many there was no room for. The first column names the row. */
export function dataTable(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
): { readonly block: KnownBlock; readonly leftOut: number } {
  const kept: (readonly Cell[])[] = [];
  let room: number = limits.characters;
  for (const row of rows.slice(0, limits.rows)) {
    room -= JSON.stringify(cells(row)).length + 1;
    if (room < 0) break;
    kept.push(row);
  }
  const block: DataTableBlock = {
    type: 'data_table',
    caption: plain(caption, limits.caption),
    page_size: Math.max(1, Math.min(25, kept.length)),
    row_header_column_index: 0,
    rows: [cells(header), ...kept.map(cells)],
  };
  return { block, leftOut: rows.length - kept.length };
}

/** Target, verdict and main finding of many targets, worst first. */
export function verdictDataTable(
  verdicts: readonly Verdict[],
  caption: string,
): { readonly block: KnownBlock; readonly leftOut: number } {
  const rows = worstFirst(verdicts).map((verdict) => {
    const main = mainFinding(verdict);
    const note = verdict.note === undefined ? '' : verdict.note;
    const found = main === null ? note : main.title;
    return [verdict.target, `${marks[verdict.verdict]} ${levelWords[verdict.verdict]}`, found];
  });
  return dataTable(caption, ['Target', 'Verdict', 'Found'], rows);
}

type Cell = string | number;

function cells(row: readonly Cell[]): DataTableBlock['rows'][number] {
  return row.map((cell) =>
    typeof cell === 'number'
      ? { type: 'raw_number', value: cell, text: String(cell) }
      : // An empty cell is refused.
        { type: 'raw_text', text: clip(visible(redact(oneLine(cell))), limits.cell) || '–' },
  );
}
