/**
 * One channel on one socket. A channel subscription knows the position up to which the socket has been written to, so that it
 * writes every durable notification once, and in order.
 */
import type { ClosingCode } from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { HistoryPosition, OpenedHistory } from '../history/channel-history.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import type { Renewal } from './admission.ts';

/** Has progress that waits for a socket to be drained. */
export interface ProgressHolder {
  flushProgress(): void;
}

/** What a channel subscription needs of its socket. Every write is dropped once the connection is closed, and none throws. */
export interface NotificationWriter {
  readonly limits: Pick<HubLimits, 'backlogPackets' | 'waitingSubjects'>;
  readonly metrics: Pick<HubMetrics, 'conflated'>;
  readonly isClosed: boolean;
  write(notification: Notification): void;
  /** Gathers what is written until `uncork`, so that it leaves in one write to the network. Nothing else is done in between. */
  cork(): void;
  uncork(): void;
  writeToken(renewed: { channelId: string; token: string }): void;
  /** Whether so little is unread that newer progress is worth writing. */
  isDrained(): boolean;
  /** Whether so much is unread that durable notifications stay in the history. */
  isOverfull(): boolean;
  /** Calls `flushProgress` once the socket is drained. */
  flushWhenDrained(holder: ProgressHolder): void;
  /** Calls back once the client has read what is written, or is disconnected; a client that does not read is disconnected in time. */
  whenDrained(callback: () => void): void;
  /** Tells the client why, and ends the connection; one that is told to come back does so with its position. Safe to call twice. */
  disconnect(code: ClosingCode): void;
  /** After a failure at this client: ends its connection, so that it misses nothing, and the others go on. Never throws. */
  fail(error: unknown): void;
}

/** Catch-ups in a row from the history, at most. Where one more is needed, the client must open the channel again. */
const MAX_CATCH_UPS_IN_A_ROW = 3;

export class ChannelSubscription implements ProgressHolder {
  readonly channelId: string;
  readonly writer: NotificationWriter;
  /** When the client needs a new token, and whose; null where the token never expires. */
  renewal: Renewal | null;
  readonly #onGap: (subscription: ChannelSubscription) => void;
  /** Durable notifications that arrive while the channel is opened, or catches up; null otherwise. */
  #held: Notification[] | null = [];
  /** Numbers the calls of `hold`: only the last one may be resumed. */
  #hold = 0;
  #hasGap = false;
  #isClosed = false;
  /** Whether the client reads so slowly that the hub writes it no durable notifications; the history keeps them. */
  #isBehind = false;
  /** Durable notifications since it fell behind, as long as the hub waits for the client; null once they are left to the history. */
  #buffer: Notification[] | null = null;
  #catchUpsInARow = 0;
  #position: HistoryPosition | null = null;
  /** By subject: the newest progress that the socket could not take yet. */
  readonly #waiting = new Map<string, Notification>();

  /** @param onGap called when something is missing before what has arrived */
  constructor(
    channelId: string,
    writer: NotificationWriter,
    renewal: Renewal | null,
    onGap: (subscription: ChannelSubscription) => void,
  ) {
    this.channelId = channelId;
    this.writer = writer;
    this.renewal = renewal;
    this.#onGap = onGap;
  }

  /** The position up to which everything has been written; null before the first opening. */
  get position(): HistoryPosition | null {
    return this.#position;
  }

  send(notification: Notification): void {
    if (this.#isBehind && notification.lane === 'durable') this.#buffer?.push(notification);
    else if (this.#held === null && notification.epoch !== this.#position?.epoch) this.#onGap(this);
    else if (notification.lane === 'progress') this.#sendProgress(notification);
    else if (this.#held === null && this.writer.isOverfull()) this.#fallBehind([notification]);
    else if (this.#held === null) this.#sendDurable(notification);
    else if (this.#held.length < this.writer.limits.backlogPackets) this.#held.push(notification);
    else this.writer.disconnect('slow');
  }

  /** Whether it has fallen behind a moment ago and buffers what arrives. The caller ends that by `dropBuffer`. */
  get isBuffering(): boolean {
    return this.#buffer !== null;
  }

  /** Resolves when nothing is buffered any more. */
  async whenCaughtUp(): Promise<void> {
    while (this.#buffer !== null) await new Promise<void>((resolve) => this.writer.whenDrained(resolve));
  }

  /** Leaves what is buffered to the history. */
  dropBuffer(): void {
    this.#buffer = null;
  }

  /** Holds back durable notifications until `complete`, or until `resume` with the number returned. */
  hold(): number {
    this.#held ??= [];
    this.#hold += 1;
    return this.#hold;
  }

  isHeldBy(hold: number): boolean {
    return this.#hold === hold && !this.#isClosed;
  }

  /** The socket does not listen to the channel any more; `resume` then does nothing. */
  close(): void {
    this.#isClosed = true;
    this.#buffer = null;
    this.#waiting.clear();
  }

  /** Whether notifications are held back already. If so, `onGap` is called as soon as they no longer are. */
  reportGapLater(): boolean {
    if (this.#held === null) return false;
    this.#hasGap = true;
    return true;
  }

  /**
   * Whether the socket has not been written all up to a position of the history, although nothing holds it back.
   * @param position null: the history does not know the channel
   */
  lacks(position: HistoryPosition | null): boolean {
    if (this.#position === null || this.#held !== null || this.#isBehind || this.#isClosed) return false;
    return this.#position.epoch !== position?.epoch || this.#position.seq < position.seq;
  }

  /** Answers an opening, then sends what was missed, then what arrived meanwhile: in order and without a gap. */
  complete(answer: () => void, opened: OpenedHistory): void {
    answer();
    for (const known of opened.progress) this.#forgetWaiting(known.subject, known.version);
    this.#release(opened);
    if (this.#waiting.size > 0) this.writer.flushWhenDrained(this);
  }

  /**
   * Continues from the history. Where the history cannot continue the position, disconnects the client, which then asks by itself.
   * @param hold what `hold` returned; superseded where it was called again since
   */
  resume(hold: number, opened: OpenedHistory): 'continued' | 'lost' | 'superseded' {
    if (!this.isHeldBy(hold)) return 'superseded';
    this.#catchUpsInARow += 1;
    if (!opened.recovered || this.#catchUpsInARow > MAX_CATCH_UPS_IN_A_ROW) {
      this.writer.disconnect('behind');
      return 'lost';
    }
    this.#release(opened);
    for (const notification of opened.progress) this.#sendProgress(notification);
    if (this.#waiting.size > 0) this.writer.flushWhenDrained(this);
    return 'continued';
  }

  /** Writes the progress that waited. The writer calls it at the pace at which the client reads. */
  flushProgress(): void {
    if (this.#held !== null) return;
    for (const notification of this.#waiting.values()) this.writer.write(notification);
    this.#waiting.clear();
  }

  /** Sends what was missed, then what was held back, as far as the client has room; the rest follows when it has read that. */
  #release(opened: OpenedHistory): void {
    const held = this.#held ?? [];
    const missed = opened.recovered ? opened.durable : [];
    this.#held = null;
    this.#position = { epoch: opened.epoch, seq: opened.seq - missed.length };
    for (const notification of [...missed, ...held]) {
      if (this.#held === null && !this.#isBehind && this.writer.isOverfull()) this.#fallBehind(null);
      this.send(notification);
    }
    if (this.#hasGap && this.#held === null) {
      this.#hasGap = false;
      this.#onGap(this);
    }
  }

  /** @param buffer what is to be written as soon as there is room; null: everything is left to the history */
  #fallBehind(buffer: Notification[] | null): void {
    this.#isBehind = true;
    this.#buffer = buffer;
    this.writer.whenDrained(() => this.#continueAfterDrain());
  }

  #continueAfterDrain(): void {
    const buffer = this.#buffer;
    this.#buffer = null;
    this.#isBehind = false;
    this.#catchUpsInARow = 0;
    if (this.#isClosed || this.writer.isClosed) return;
    if (buffer !== null) for (const notification of buffer) this.send(notification);
    else if (!this.reportGapLater()) this.#onGap(this);
  }

  #sendDurable(notification: Notification): void {
    const { epoch, seq } = this.#position ?? { epoch: notification.epoch, seq: 0 };
    const number = notification.seq ?? 0;
    if (number <= seq) return;
    if (number > seq + 1) {
      this.#onGap(this);
      return;
    }
    this.#position = { epoch, seq: number };
    this.#catchUpsInARow = 0;
    this.#forgetWaiting(notification.subject, notification.version);
    this.writer.write(notification);
  }

  #sendProgress(notification: Notification): void {
    const waiting = this.#waiting.get(notification.subject);
    if (waiting !== undefined) {
      this.writer.metrics.conflated.inc();
      // What the history returned may be older than what has arrived since.
      if ((waiting.version ?? 0) > (notification.version ?? 0)) return;
      this.#waiting.delete(notification.subject);
    }
    if (this.#held === null && this.writer.isDrained()) {
      this.writer.write(notification);
      return;
    }
    if (this.#waiting.size >= this.writer.limits.waitingSubjects) {
      this.writer.disconnect('slow');
      return;
    }
    this.#waiting.set(notification.subject, notification);
    this.writer.flushWhenDrained(this);
  }

  /** Drops progress that waits and is not newer than what the client receives otherwise. */
  #forgetWaiting(subject: string, version: number | undefined): void {
    const waiting = this.#waiting.get(subject)?.version;
    if (waiting !== undefined && version !== undefined && waiting <= version) this.#waiting.delete(subject);
  }
}
