/** The importer of echarts, only when something is drawn: no other command has to load it. */
import type { EChartsCoreOption } from 'echarts/core';
import type { YearAhead } from '../digest/edition.js';
import { monthName, otherOwners } from '../digest/year-ahead.js';

/** Width and height in CSS pixels; the PNG has twice as many, so that it is sharp on phones. */
export const size = { width: 1000, height: 520, zoom: 2 } as const;

// Okabe and Ito's colours, told apart by people who see red and green alike; dark enough on white. Nobody's certificates
// are hatched besides, others are grey.
const colours = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#8C6BB1'] as const;
const nobody = '#D55E00';
const others = '#9A9A9A';
const ink = '#1D1C1D';
const pale = '#616061';

/** The year ahead as SVG; the text in it has no font of its own. */
export async function yearSvg(year: YearAhead): Promise<string> {
  const [echarts, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  echarts.use([
    charts.BarChart,
    components.GridComponent,
    components.LegendComponent,
    components.TitleComponent,
    components.AriaComponent,
    renderers.SVGRenderer,
  ]);
  const chart = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: size.width,
    height: size.height,
  });
  try {
    chart.setOption(optionOf(year));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionOf(year: YearAhead): EChartsCoreOption {
  const totals = year.months.map((_, at) => sum(year.owners.map(({ counts }) => counts[at] ?? 0)));
  const all = sum(totals);
  return {
    animation: false,
    textStyle: { fontFamily: 'DejaVu Sans', color: ink },
    title: [titleOf(year, all), ...(all === 0 ? [nothing] : [])],
    legend: legendOf(year),
    grid: { left: 56, right: 24, top: 92 + 24 * legendRows(year), bottom: 56 },
    xAxis: {
      type: 'category',
      data: year.months.map((month, at) => monthLabel(month, at)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: '#BBBBBB' } },
      axisLabel: { color: ink, fontSize: 14, lineHeight: 18, interval: 0 },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      max: ({ max }: { max: number }) => (max < 4 ? 4 : undefined),
      axisLabel: { color: pale, fontSize: 13 },
      splitLine: { lineStyle: { color: '#E8E8E8' } },
    },
    series: seriesOf(year, totals),
  };
}

function titleOf({ expired, later }: YearAhead, all: number) {
  const rest = [
    `${all} in all`,
    ...(expired > 0 ? [`${expired} expired already, not shown`] : []),
    ...(later > 0 ? [`${later} later, not shown`] : []),
  ];
  return {
    text: 'Certificates that end in the next twelve months',
    subtext: rest.join('   ·   '),
    left: 24,
    top: 18,
    itemGap: 8,
    textStyle: { fontFamily: 'DejaVu Sans', fontSize: 20, fontWeight: 'bold', color: ink },
    subtextStyle: { fontFamily: 'DejaVu Sans', fontSize: 14, color: pale },
  };
}

/** Names stand in three columns of one width: what echarts guesses of a text's width is not what the font draws. */
const columns = 3;
const columnWidth = (size.width - 48) / columns;

function legendRows({ owners }: YearAhead): number {
  return Math.ceil(owners.length / columns);
}

/** A legend for each owner: only so can each be put in its place. */
function legendOf({ owners }: YearAhead) {
  return owners.map((owner, at) => ({
    left: 29 + columnWidth * (at % columns),
    top: 82 + 24 * Math.floor(at / columns),
    padding: 0,
    itemWidth: 16,
    itemHeight: 12,
    textStyle: { fontFamily: 'DejaVu Sans', fontSize: 14, color: ink },
    data: [{ name: String(at) }],
    formatter: () => ownerName(owner),
  }));
}

function seriesOf(year: YearAhead, totals: readonly number[]) {
  const busiest = Math.max(...totals);
  const stacks = year.owners.map((owner, at) => ({
    name: String(at),
    type: 'bar',
    stack: 'owners',
    barMaxWidth: 46,
    // Nothing is no bar: a line of no height would look like a few.
    data: owner.counts.map((n) => (n === 0 ? null : n)),
    itemStyle: {
      color: colourOf(owner.owner, at),
      borderColor: '#FFFFFF',
      borderWidth: 1,
      ...(owner.owner === null ? { decal: hatching } : {}),
    },
    label: {
      show: true,
      // A number only where its part is high enough to hold it, and where it is not the total itself.
      formatter: ({ value, dataIndex }: { value: number | null; dataIndex: number }) =>
        value !== null && value / busiest > 0.08 && value !== totals[dataIndex] ? String(value) : '',
      fontSize: 13,
      fontFamily: 'DejaVu Sans',
      ...(owner.owner === null ? { textBorderColor: '#FFFFFF', textBorderWidth: 3 } : {}),
      color: darkText.includes(colourOf(owner.owner, at)) ? ink : '#FFFFFF',
    },
  }));
  return [...stacks, totalLabels(totals)];
}

const nothing = {
  text: 'None ends in these twelve months.',
  left: 'center',
  top: 'middle',
  textStyle: { fontFamily: 'DejaVu Sans', fontSize: 18, fontWeight: 'normal', color: pale },
};

/** The number on top of each month: a bar without height at the end of the stack. */
function totalLabels(totals: readonly number[]) {
  return {
    type: 'bar',
    stack: 'owners',
    silent: true,
    data: totals.map((total) => (total === 0 ? null : 0)),
    itemStyle: { color: 'transparent' },
    label: {
      show: true,
      position: 'top',
      formatter: ({ dataIndex }: { dataIndex: number }) => String(totals[dataIndex] ?? ''),
      fontFamily: 'DejaVu Sans',
      fontSize: 15,
      fontWeight: 'bold',
      color: ink,
    },
  };
}

const hatching = {
  symbol: 'rect',
  color: 'rgba(255,255,255,0.55)',
  dashArrayX: [1, 0],
  dashArrayY: [3, 7],
  rotation: -Math.PI / 4,
};
const darkText: readonly string[] = ['#E69F00', '#56B4E9', '#CC79A7', nobody, others];

function colourOf(owner: string | null, at: number): string {
  if (owner === null) return nobody;
  return owner === otherOwners ? others : (colours[at % colours.length] ?? others);
}

/** How much of a long name is kept at its beginning and its end: names of departments differ at the end. */
const kept = { begin: 16, end: 9 } as const;

/** An owner's name and how many are theirs. */
function ownerName({ owner, counts }: YearAhead['owners'][number]): string {
  const name = Array.from(owner === null ? 'no owner' : owner.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '·'));
  const isLong = name.length > kept.begin + kept.end + 1;
  const short = isLong ? [...name.slice(0, kept.begin), '…', ...name.slice(-kept.end)] : name;
  return `${short.join('')} (${sum(counts)})`;
}

/** The year stands below the first month and below January. */
function monthLabel(month: string, at: number): string {
  const [name = '', year = ''] = monthName(month).split(' ');
  return at === 0 || name === 'Jan' ? `${name}\n${year}` : name;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
