import { isJson, textOf, type Json } from './json.js';

/** What stands on the page besides messages: each person's Home tab, and the form that is open. */
export class ShownViews {
  readonly #homes = new Map<string, Json>();
  #form: Json | null = null;

  /** Notes what Slack answered to one of the bot's calls. */
  note(method: string, args: Json, answer: Json): void {
    if (!isJson(answer.view)) return;
    if (method === 'views.publish') this.#homes.set(textOf(args.user_id), answer.view);
    else this.#form = answer.view;
  }

  /** A person's Home tab as the bot published it last; null where it never did. */
  home(user: string): Json | null {
    return this.#homes.get(user) ?? null;
  }

  /**
   * What Slack says of a click on a button that stands in no message: the view, and neither channel nor message. Nothing
   * for any other click. The page names the Home tab by an empty channel and an open form by `formChannel`.
   */
  placeOf(payload: Json): Json {
    if (payload.type !== 'block_actions' || !isJson(payload.channel)) return {};
    const user = isJson(payload.user) ? textOf(payload.user.id) : '';
    const channel = payload.channel.id;
    const view = channel === '' ? this.home(user) : channel === formChannel ? this.#form : null;
    if (view === null) return {};
    return {
      container: { type: 'view', view_id: view.id },
      view,
      ...{ channel: undefined, message: undefined, response_url: undefined },
    };
  }
}

/** How the mended page names the form that is open. */
export const formChannel = '_form';
