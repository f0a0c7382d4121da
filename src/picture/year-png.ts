/** The only importer of resvg, and only when something is drawn: no other command has to load it. */
import { createRequire } from 'node:module';
import type { YearAhead } from '../digest/edition.js';
import { size, yearSvg } from './year-svg.js';

/**
 * Draws how many certificates end in each of the next twelve months, stacked by owner, as a PNG. The font is a package of
 * ours and never the system's: the picture is the same on every machine.
 */
export async function yearPng(year: YearAhead): Promise<Buffer> {
  const [svg, { renderAsync }] = await Promise.all([yearSvg(year), loadResvg()]);
  const at = createRequire(import.meta.url);
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
    at.resolve(`dejavu-fonts-ttf/ttf/${name}`),
  );
  const image = await renderAsync(svg, {
    font: {
      loadSystemFonts: false,
      fontFiles,
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
    fitTo: { mode: 'zoom', value: size.zoom },
    background: '#FFFFFF',
  });
  return image.asPng();
}

/**
 * resvg asks for Node's report, to know which C library is here; that looks up the name of whoever is at the other end of
 * each socket, one after the other, and nothing else has its turn meanwhile: a minute and more with a thousand connections.
 * Source: Node, process.report.excludeNetwork.
 */
async function loadResvg(): Promise<typeof import('@resvg/resvg-js')> {
  // The types of Node 20 do not have it yet; it is there from 20.13 on.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const before = report.excludeNetwork ?? false;
  report.excludeNetwork = true;
  try {
    return await import('@resvg/resvg-js');
  } finally {
    report.excludeNetwork = before;
  }
}
