/** What people do to time, as the bot carries it out: freezes, and broken glass. */
import type { Asker, Origin } from '../core/request.js';
import type { SlackTimeDesk } from '../slack/time-tools.js';
import type { Answered } from '../slack/tools.js';
import { refused } from './decisions.js';

export class TimeDesk implements SlackTimeDesk {
  freeze(_on: boolean, _reason: string, _origin: Origin): Promise<Answered> {
    return Promise.resolve(refused('Freezes are not kept here yet. Nothing was done.'));
  }

  breakGlass(_target: string | null, _reason: string, _origin: Origin): Promise<Answered> {
    return Promise.resolve(refused('No glass is kept here yet. Nothing was done.'));
  }

  reviewed(_reviewId: string, _who: Asker): Promise<Answered | null> {
    return Promise.resolve(null);
  }
}
