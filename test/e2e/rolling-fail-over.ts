import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisGroup } from '../lab/redis-group.js';
import { expectEveryAnswer, expectEveryChangeOnce, expectEveryMessageOnce } from './rolling-checks.js';
import { play, type Story } from './rolling-story.js';
import { openRollingWorld, type RollingWorld } from './rolling-world.js';

const major = Number(process.versions.node.split('.')[0]);
const isOfImage = major >= 24;
if (!isOfImage)
  console.warn(
    `skipped on Node ${process.versions.node}: what Redis does in a fail-over is tried on the image's Node, 24`,
  );

/**
 * Two hundred commands while each process is stopped and started, and while Redis fails over: once in order, and once because
 * its master died. It takes minutes and tells of Redis and not of Node: it runs on the Node that the image has.
 */
export function describeFailOver(name: string, start: (folder: string) => Promise<RedisGroup>): void {
  describe.skipIf(!isOfImage)(`${name}, once in order and once because its master died`, () => {
    let redis: RedisGroup;
    let world: RollingWorld;
    let story: Story;

    beforeAll(async () => {
      world = await openRollingWorld(async (folder) => (redis = await start(folder)));
      const disturbances = new Map([
        [60, async () => redis.failOver().then(() => redis.restore())],
        [130, async () => redis.killMaster().then(() => redis.restore())],
      ]);
      story = await play(world, { count: 200, everyMs: 200, isKilled: () => false, disturbances });
    }, 400_000);
    afterAll(() => world.stop());

    it('all commands are answered, each by one card that came to its end or at once', () => {
      const { told, course, clicks } = story;
      const retried = told.filter(({ done }) => done.tries > 1).length;
      console.info(`${course}; ${retried} were told to try again, ${clicks.length} approved`);
      expect(told).toHaveLength(200);
      expectEveryAnswer(story);
    });

    it('each message is once in Slack, in its last state', async () => {
      await expectEveryMessageOnce(world, story);
    });

    it('each change ran once', async () => {
      await expectEveryChangeOnce(world, story);
    });

    it('every process that was told so ended in order', () => {
      expect(story.endings.filter((code) => code !== 0)).toEqual([]);
    });

    it('the chain of records holds', async () => {
      expect(await world.verifyAudit()).toMatch(/\S/);
    });
  });
}
