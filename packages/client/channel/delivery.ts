/** Decides for each notification of a channel whether it is next, known already, outdated, or behind a gap. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { ChannelSnapshot, OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';

export interface ChannelPosition {
  readonly epoch: string;
  readonly seq: number;
}

/**
 * - `next`: new, and nothing is missing before it.
 * - `outdated`: a durable notification that is next in order, while a newer state of its subject is known already.
 * - `repeated`: known, or older than what is known. To be dropped.
 * - `gap`: something is missing before it. The channel must be opened again with the position.
 */
export type Verdict = 'next' | 'outdated' | 'repeated' | 'gap';

/** Subjects whose newest version is remembered, at most; the least recently updated ones are forgotten. */
const MAX_SUBJECTS = 1_000;

export class Delivery {
  #position: ChannelPosition | null;
  readonly #versions = new Map<string, number>();

  constructor(position: ChannelPosition | null) {
    this.#position = position;
  }

  /** Up to where all notifications are known; null before the channel was first open. */
  get position(): ChannelPosition | null {
    return this.#position;
  }

  /**
   * Takes the answer to an opening.
   * @returns the snapshot that replaces all that was known, without progress that is older than its durable notifications;
   *   null where nothing was missed: then `receive` decides about each notification of the answer
   */
  open({ recovered, epoch, seq, snapshot }: OpenedChannel): ChannelSnapshot | null {
    if (recovered && this.#position?.epoch === epoch) return null;
    this.#position = { epoch, seq };
    this.#versions.clear();
    for (const notification of snapshot.durable) this.#remember(notification);
    const progress = snapshot.progress.filter((notification) => this.#isNewer(notification));
    for (const notification of progress) this.#remember(notification);
    return { durable: snapshot.durable, progress };
  }

  receive(notification: Notification): Verdict {
    const position = this.#position;
    if (position === null || notification.epoch !== position.epoch) return 'gap';
    const { lane, subject, epoch, seq = 0, version = Number.POSITIVE_INFINITY } = notification;
    if (lane === 'progress') {
      if (!this.#isNewer(notification)) return 'repeated';
    } else {
      if (seq <= position.seq) return 'repeated';
      if (seq > position.seq + 1) return 'gap';
      this.#position = { epoch, seq };
      if (version < (this.#versions.get(subject) ?? 0)) return 'outdated';
    }
    this.#remember(notification);
    return 'next';
  }

  #isNewer({ subject, version = 0 }: Notification): boolean {
    return version > (this.#versions.get(subject) ?? -1);
  }

  #remember({ subject, version }: Notification): void {
    if (version === undefined) return;
    const newest = Math.max(version, this.#versions.get(subject) ?? version);
    this.#versions.delete(subject);
    this.#versions.set(subject, newest);
    const [longestUnheard] = this.#versions.keys();
    if (this.#versions.size > MAX_SUBJECTS && longestUnheard !== undefined)
      this.#versions.delete(longestUnheard);
  }
}
