/** How many requests are watched, in all and of one caller: those that the log holds, and those that this process is putting there. */
import { AtOnce } from '@tidings/service-kit/access/quota.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

const place = { field: 'Notify-Channel', retryAfterSeconds: 2 };

export class WatchPlaces {
  readonly #most: number;
  readonly #ofCaller: number;
  readonly #callers = new AtOnce();
  /** By request: what frees its place. */
  readonly #leaves = new Map<string, () => void>();

  /** @param most in all; one caller has half of them at most */
  constructor(most: number) {
    this.#most = most;
    this.#ofCaller = Math.ceil(most / 2);
  }

  /** For a request that is not on the log yet. @throws Problem rate_limited, unavailable */
  enter(requestId: string, caller: string): void {
    if (this.#leaves.size >= this.#most)
      throw new Problem('unavailable', openAlready(`${this.#most} requests`), place);
    try {
      this.#leaves.set(requestId, this.#callers.enter(caller, this.#ofCaller));
    } catch (cause) {
      const message = openAlready(`${this.#ofCaller} requests of yours`);
      throw new Problem('rate_limited', message, place, { cause });
    }
  }

  /** For a request on the log, whichever instance put it there: it counts, however many there are. Safe to call twice. */
  hold(requestId: string, caller: string): void {
    if (this.#leaves.has(requestId)) return;
    this.#leaves.set(requestId, this.#callers.enter(caller, Number.POSITIVE_INFINITY));
  }

  leave(requestId: string): void {
    this.#leaves.get(requestId)?.();
    this.#leaves.delete(requestId);
  }
}

function openAlready(requests: string): string {
  return `${requests} that name a channel are open already. Ask without \`Notify-Channel\`, or later.`;
}
