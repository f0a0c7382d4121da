/** Pictures of figures, as SVG. */
import type { EChartsCoreOption } from 'echarts/core';
import { shown } from './table.js';

/** Lines over a number, bars over words, or rows beside words that are long. Every point is `[x, y]`. */
export interface Picture {
  /** The file will be `bench-<name>.svg`. */
  readonly name: string;
  readonly title: string;
  readonly subtitle?: string;
  readonly kind: 'lines' | 'bars' | 'rows';
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** A line straight across: what is promised. */
  readonly target?: { readonly text: string; readonly y: number };
}

export interface Axis {
  /** With its unit. */
  readonly title: string;
  readonly isLog?: boolean;
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number | string, y: number])[];
}

const size = { width: 860, height: 440 } as const;
// Okabe and Ito's colours: told apart by people who see red and green alike.
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#8C6BB1'] as const;
const ink = '#1D1C1D';
const pale = '#616061';
const font = 'DejaVu Sans, Verdana, sans-serif';

/** Draws a picture: the same bytes for the same figures. */
export async function draw(picture: Picture): Promise<string> {
  const [echarts, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  echarts.use([
    ...[charts.BarChart, charts.LineChart, renderers.SVGRenderer],
    ...[components.GridComponent, components.LegendComponent, components.TitleComponent],
    components.MarkLineComponent,
  ]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption(optionOf(picture));
    // Names within the file count on from picture to picture: they are made the same for each.
    return `${chart.renderToSVGString().replace(/\bzr\d+-/g, 'zr-')}\n`;
  } finally {
    chart.dispose();
  }
}

function optionOf(picture: Picture): EChartsCoreOption {
  const { title, subtitle = '', series, kind } = picture;
  const isAlone = series.length === 1;
  return {
    animation: false,
    backgroundColor: '#FFFFFF',
    color: [...colours],
    textStyle: { fontFamily: font, color: ink },
    title: {
      ...{ text: title, subtext: subtitle, left: 20, top: 14, itemGap: 6 },
      textStyle: { fontFamily: font, fontSize: 17, fontWeight: 'bold', color: ink },
      subtextStyle: { fontFamily: font, fontSize: 12.5, color: pale },
    },
    legend: {
      ...{ show: !isAlone, left: 20, top: subtitle === '' ? 42 : 60, itemWidth: 18, itemGap: 18 },
      textStyle: { fontFamily: font, fontSize: 12.5, color: ink },
    },
    grid: {
      ...{ left: kind === 'rows' ? 200 : 74, right: kind === 'rows' ? 60 : 30, bottom: 58 },
      top: (subtitle === '' ? 50 : 68) + (isAlone ? 14 : 38),
    },
    ...axesOf(picture),
    series: series.map((one, at) => seriesOf(one, picture, at === 0)),
  };
}

function axesOf({ kind, x, y, target }: Picture) {
  if (kind === 'rows')
    return {
      // The first row stands above.
      yAxis: { ...axisOf(x, 'category'), inverse: true },
      xAxis: { ...axisOf(y, 'value'), nameGap: 34 },
    };
  return {
    xAxis: { ...axisOf(x, kind === 'bars' ? 'category' : 'value'), nameGap: 34 },
    // What is promised shows even where all stays far below it.
    yAxis: { ...axisOf(y, 'value'), nameGap: 48, ...(target === undefined ? {} : { max: above(target.y) }) },
  };
}

function above(y: number) {
  return ({ max }: { max: number }): number | undefined => (max < y ? y * 1.2 : undefined);
}

function axisOf({ title, isLog = false }: Axis, type: 'category' | 'value') {
  return {
    type: isLog ? 'log' : type,
    name: title,
    nameLocation: 'middle',
    nameTextStyle: { fontFamily: font, fontSize: 12.5, color: pale },
    axisLine: { show: true, lineStyle: { color: '#BBBBBB' } },
    axisTick: { show: false },
    axisLabel: {
      color: ink,
      fontSize: 12.5,
      interval: 0,
      formatter: type === 'category' ? null : shortNumber,
    },
    splitLine: { show: type !== 'category', lineStyle: { color: '#E8E8E8' } },
  };
}

function shortNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

function seriesOf({ name, points }: Series, { kind, target }: Picture, isFirst: boolean) {
  const isLines = kind === 'lines';
  return {
    name,
    type: isLines ? 'line' : 'bar',
    data: points.map(([x, y]) => (kind === 'rows' ? [y, x] : [x, y])),
    ...(isLines ? { symbol: 'circle', symbolSize: 7, lineStyle: { width: 2.5 } } : { barMaxWidth: 34 }),
    ...(points.length > 40 ? { showSymbol: false } : {}),
    ...(isLines ? {} : { label: numberAt(kind === 'rows' ? 'right' : 'top') }),
    ...(isFirst && target !== undefined ? { markLine: acrossAt(target) } : {}),
  };
}

function numberAt(position: 'right' | 'top') {
  return {
    ...{ show: true, position, color: pale, fontSize: 11, fontFamily: font },
    formatter: ({ value }: { value: readonly (number | string)[] }) =>
      shown(Number(value[position === 'right' ? 0 : 1])),
  };
}

function acrossAt({ text, y }: NonNullable<Picture['target']>) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: pale, type: 'dashed', width: 1.5 },
    label: { formatter: text, position: 'insideEndTop', color: pale, fontSize: 12.5, fontFamily: font },
    data: [{ yAxis: y }],
  };
}
