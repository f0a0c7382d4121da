import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSentinels, type RedisSentinels } from '../lab/redis-sentinel.js';
import { expectEveryAnswer, expectEveryChangeOnce, expectEveryMessageOnce } from './rolling-checks.js';
import { describeLongStory } from './long-story.js';
import { play, type Story } from './rolling-story.js';
import { openRollingWorld, type RollingWorld } from './rolling-world.js';

let redis: RedisSentinels;
let world: RollingWorld;
let story: Story;

describeLongStory(
  'the same while Sentinels put another master in place, once in order and once because it died',
  () => {
    beforeAll(async () => {
      world = await openRollingWorld(
        async (folder) => (redis = await startSentinels({ folder, replicas: 1 })),
      );
      const disturbances = new Map([
        [60, async () => redis.failOver().then(() => redis.restore())],
        [130, async () => redis.killMaster().then(() => redis.restore())],
      ]);
      story = await play(world, { count: 200, everyMs: 200, isKilled: () => false, disturbances });
    }, 400_000);
    afterAll(() => world.stop());

    it('are all answered, each by one card that came to its end or at once', () => {
      const { told, course, clicks } = story;
      const retried = told.filter(({ done }) => done.tries > 1).length;
      console.info(`${course}; ${retried} were told to try again, ${clicks.length} approved`);
      expectEveryAnswer(story);
    });

    it('leave each message once in Slack, in its last state', async () => {
      await expectEveryMessageOnce(world, story);
    });

    it('run each change once', async () => {
      await expectEveryChangeOnce(world, story);
    });

    it('end every process in order that was told so', () => {
      expect(story.endings.filter((code) => code !== 0)).toEqual([]);
    });

    it('leave a chain of records that holds', async () => {
      expect(await world.verifyAudit()).toMatch(/\S/);
    });
  },
);
