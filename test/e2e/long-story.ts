import { describe } from 'vitest';

const major = Number(process.versions.node.split('.')[0]);
const isOfImage = major >= 24;
if (!isOfImage)
  console.warn(
    `skipped on Node ${process.versions.node}: what Redis does in a fail-over is tried on the image's Node, 24`,
  );

/** Stories of minutes that tell of other programs and not of Node: tried on the Node that the image has. */
export const describeLongStory = describe.skipIf(!isOfImage);
