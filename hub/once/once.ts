/**
 * What is done once only, as a port: a request under an `Idempotency-Key`, a ticket that is valid for a single use.
 *
 * **Begin.** Of all calls of `begin` for a key, from whichever hub, one gets `new` and does the work. Until it has called `finish`, the others
 * get `running`, and afterwards `done`. A call with another digest gets `other`: the key was used for something else.
 *
 * **A process that dies** between `begin` and `finish` leaves the key running for `RUNNING_MS`. The next call then gets `new` and does the
 * work again, so the work must tolerate a repetition.
 *
 * **Bounds.** A key is known for the time that `begin` names, from the first call on. An engine that lacks room, or that has lost its
 * data, forgets keys earlier; a call then gets `new`.
 */

/** Milliseconds after `begin` in which the work must end. */
export const RUNNING_MS = 60_000;

export type Begun = 'new' | 'running' | 'done' | 'other';

export interface Once {
  /**
   * @param digest what the key is used for
   * @param ttlMs milliseconds for which the key is known
   */
  begin(key: string, digest: string, ttlMs: number): Promise<Begun>;
  /** Records that the work is done. A key that has expired stays unknown. */
  finish(key: string): Promise<void>;
  /** Records that the work has failed: the next call begins it again. */
  forget(key: string): Promise<void>;
}
