/** Draws the Home tabs that are being looked at anew when something has moved: many moves at once become one drawing. */
import { attempt } from './attempt.js';
import type { EntryTools } from './entries.js';
import { homeView, type Home } from './views/home.js';

/** Slack takes a hundred drawings a minute; people read slower than that. */
const everyMs = 5_000;

/** One for each bot process. */
export class HomeWatch {
  private timer: NodeJS.Timeout | undefined;
  /** What each person was shown last by this process, without the time of day. */
  private readonly shown = new Map<string, string>();

  constructor(private readonly entry: Pick<EntryTools, 'tools' | 'log' | 'publish'>) {}

  /** Something may have moved: it is looked at within some seconds. */
  touch(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.draw();
    }, everyMs).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Looks at once, and draws for everybody whose Home tab has changed. Never rejects. */
  async draw(): Promise<void> {
    const { tools, log } = this.entry;
    const place = { log, reference: 'home watch' };
    const lookers = await attempt('home', place, () => tools.home.lookers());
    for (const user of lookers.kind === 'done' ? lookers.value : [])
      await attempt('home', place, async () => {
        const home = await tools.home.look(user);
        const said = signature(home);
        if (this.shown.get(user) === said) return;
        await this.entry.publish(user, homeView(home, null));
        this.shown.set(user, said);
      });
  }
}

function signature(home: Home): string {
  return JSON.stringify(homeView({ ...home, at: '' }, null));
}
