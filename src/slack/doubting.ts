import { PostError, type Poster } from '../core/poster.js';

/** The same poster; `doubt` is called whenever Slack kept it from posting for a reason that does not lie in the message. */
export function doubting(poster: Poster, doubt: () => void): Poster {
  const watched = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof PostError && error.problem !== 'never' && error.code !== 'ratelimited') doubt();
      throw error;
    }
  };
  return {
    post: (...to) => watched(poster.post(...to)),
    update: (...to) => watched(poster.update(...to)),
    whisper: (...to) => watched(poster.whisper(...to)),
    upload: (...to) => watched(poster.upload(...to)),
  };
}
