import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTree, treeFolders } from './node-root.js';
import { applyScenario, readNodeState, registerId } from './node-state.js';
import type { NodePlace } from './node-state.js';
import { interfaces, linkLocalOf } from './node-texts.js';
import { scenarioOf } from './scenario.js';
import type { Scenario } from './scenario.js';

export type Image = 'original' | 'own';

/** Everything that is on the disk of an image, run directories of clients included. */
const onDisk = [...treeFolders, 'state', 'lab/knobs'];

/** Starts a scenario on the image that it names; the other image is as it was delivered. */
export function startScenario(place: NodePlace, scenario: Scenario): void {
  const { root, node } = place;
  if (scenario.image === 'own' && node.platform !== 'powervs')
    throw new Error(`${place.name} is not on powervs: it has no image of its own`);
  rmSync(join(root, 'lab/images'), { recursive: true, force: true });
  setImage(place, 'original');
  if (scenario.image === 'original') {
    applyScenario(place, scenario);
    return;
  }
  applyScenario(place, scenarioOf({}));
  switchDisk(place, 'own', scenario);
}

/**
 * Boots one of the two images: its disk is as it was left, or freshly installed with an id of its own and without the
 * injected address. RMC starts with the system.
 */
export function boot(place: NodePlace, image: Image): void {
  if (readNodeState(place.root).image !== image) {
    if (place.node.platform !== 'powervs') throw new Error(`${place.name} is not on powervs`);
    switchDisk(place, image, scenarioOf({ image, registered: false }));
  }
  const state = (file: string) => join(place.root, 'state', file);
  const isHeard = hasPath(place);
  const isKnown = isHeard || readFileSync(state('rmc/registered'), 'utf8').trim() === 'yes';
  writeFileSync(state('rmc/registered'), isKnown ? 'yes\n' : 'no\n');
  writeFileSync(state('rmc/link'), `${isHeard ? 'I' : isKnown ? 'O' : 'none'}\n`);
  writeFileSync(state('rmc/generation'), 'boot\n');
}

function switchDisk(place: NodePlace, image: Image, fresh: Scenario): void {
  const { root } = place;
  const images = join(root, 'lab/images');
  const from = join(images, readNodeState(root).image);
  const to = join(images, image);
  mkdirSync(join(from, 'lab'), { recursive: true });
  for (const part of onDisk) renameSync(join(root, part), join(from, part));
  setImage(place, image);
  if (existsSync(to)) {
    for (const part of onDisk) renameSync(join(to, part), join(root, part));
    registerId(place, readNodeState(root).nodeId ?? '');
  } else {
    buildTree(place);
    applyScenario(place, fresh);
  }
}

function setImage({ root }: NodePlace, image: Image): void {
  mkdirSync(join(root, 'lab'), { recursive: true });
  writeFileSync(join(root, 'lab/image'), `${image}\n`);
}

/** Whether the service can reach RMC on the node and knows its id. */
function hasPath({ root }: NodePlace): boolean {
  const read = (file: string) =>
    existsSync(join(root, 'state', file)) ? readFileSync(join(root, 'state', file), 'utf8').trim() : '';
  const expected = read('expected-id');
  if (expected !== '' && expected !== read('node-id')) return false;
  if (existsSync(join(root, 'lab/knobs/link-stays'))) return false;
  return !existsSync(join(root, 'state/needs-ipv6')) || read('ifconfig').includes('inet6 fe80:');
}

/** What a person does with smitty: en1 gets a link-local address, by default the injected one; null takes it away. */
export function configureLinkLocal(
  place: NodePlace,
  address: string | null = linkLocalOf(place.node.nodeId),
): void {
  writeFileSync(join(place.root, 'state/ifconfig'), `${interfaces(place.node.address, address)}\n`);
}
