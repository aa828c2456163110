/**
 * One channel on one socket: knows up to where the socket has been written to, so that of what arrives nothing is written
 * twice, and nothing ahead of its turn.
 */
import type { Notification } from '@tidings/contracts/notification.ts';
import type { HistoryPosition, OpenedHistory } from '../history/channel-history.ts';
import type { Renewal } from './admission.ts';
import type { SocketWriter } from './to-browser.ts';

/** Times in a row that the history may be behind what has arrived; then the client's own question decides. */
const MAX_HEALINGS_IN_A_ROW = 3;

/** While it is being opened or brought up to date, what arrives is held back. */
export class Subscription {
  readonly channelId: string;
  readonly writer: SocketWriter;
  /** When the client needs a new token, and whose; null where the token never expires. */
  renewal: Renewal | null;
  readonly #onGap: (subscription: Subscription) => void;
  /** Durable notifications that arrived while they are held back; null once the channel is open and up to date. */
  #held: Notification[] | null = [];
  /** Counts the reasons to hold back: only the last one may end it. */
  #hold = 0;
  #mustHeal = false;
  #isClosed = false;
  /** Durable notifications pass it by, because its client reads too slowly; the history has them. */
  #isBehind = false;
  /** What came since, while the hub still waits for the client; null once only the history has it. */
  #kept: Notification[] | null = null;
  #healingsInARow = 0;
  #position: HistoryPosition | null = null;
  /** By subject: the newest progress that the socket could not take yet. */
  readonly #waiting = new Map<string, Notification>();

  /** @param onGap told when something is missing before what has arrived */
  constructor(
    channelId: string,
    writer: SocketWriter,
    renewal: Renewal | null,
    onGap: (subscription: Subscription) => void,
  ) {
    this.channelId = channelId;
    this.writer = writer;
    this.renewal = renewal;
    this.#onGap = onGap;
  }

  /** Up to where everything has been written; null before the first opening. */
  get position(): HistoryPosition | null {
    return this.#position;
  }

  send(notification: Notification): void {
    if (this.#isBehind && notification.lane === 'durable') this.#kept?.push(notification);
    else if (this.#held === null && notification.epoch !== this.#position?.epoch) this.#onGap(this);
    else if (notification.lane === 'progress') this.#sendProgress(notification);
    else if (this.#held === null && this.writer.isOverfull()) this.#fallBehind([notification]);
    else if (this.#held === null) this.#sendDurable(notification);
    else if (this.#held.length < this.writer.limits.backlogPackets) this.#held.push(notification);
    else this.writer.cut();
  }

  /** Whether its client has too much to read since a moment ago, and what came since is kept: `letGo` must follow. */
  get isWaitedFor(): boolean {
    return this.#kept !== null;
  }

  /** Resolves when nothing is kept any more. */
  async whenCaughtUp(): Promise<void> {
    while (this.#kept !== null) await new Promise<void>((resolve) => this.writer.whenDrained(resolve));
  }

  /** What is kept stays in the history alone. */
  letGo(): void {
    this.#kept = null;
  }

  /** From here on, notifications wait for `complete`, or for `resume` with what is returned. */
  hold(): number {
    this.#held ??= [];
    this.#hold += 1;
    return this.#hold;
  }

  isHeldBy(hold: number): boolean {
    return this.#hold === hold && !this.#isClosed;
  }

  /** What is under way may end without it. */
  close(): void {
    this.#isClosed = true;
    this.#kept = null;
    this.#waiting.clear();
  }

  /** Whether it is held back already; then it will ask for healing itself as soon as it is not. */
  deferHealing(): boolean {
    if (this.#held === null) return false;
    this.#mustHeal = true;
    return true;
  }

  /** Answers an opening, then sends what was missed, then what arrived meanwhile: in order, none left out. */
  complete(answer: () => void, opened: OpenedHistory): void {
    answer();
    for (const known of opened.progress) this.#forgetWaiting(known.subject, known.version);
    this.#release(opened);
    if (this.#waiting.size > 0) this.writer.flushWhenDrained(this);
  }

  /** Goes on from the history, where it can; else ends the connection, for the client to ask itself. */
  resume(hold: number, opened: OpenedHistory): 'continued' | 'lost' | 'superseded' {
    if (!this.isHeldBy(hold)) return 'superseded';
    this.#healingsInARow += 1;
    if (!opened.recovered || this.#healingsInARow > MAX_HEALINGS_IN_A_ROW) {
      this.writer.sever();
      return 'lost';
    }
    this.#release(opened);
    for (const notification of opened.progress) this.#sendProgress(notification);
    if (this.#waiting.size > 0) this.writer.flushWhenDrained(this);
    return 'continued';
  }

  /** Writes the progress that waited; how often it is called is the reader's own pace. */
  flushProgress(): void {
    if (this.#held !== null) return;
    for (const notification of this.#waiting.values()) this.writer.write(notification);
    this.#waiting.clear();
  }

  /** What was missed, then what was held back, as far as the client has room for it: the rest follows when it has read that. */
  #release(opened: OpenedHistory): void {
    const held = this.#held ?? [];
    const missed = opened.recovered ? opened.durable : [];
    this.#held = null;
    this.#position = { epoch: opened.epoch, seq: opened.seq - missed.length };
    for (const notification of [...missed, ...held]) {
      if (this.#held === null && !this.#isBehind && this.writer.isOverfull()) this.#fallBehind(null);
      this.send(notification);
    }
    if (this.#mustHeal && this.#held === null) {
      this.#mustHeal = false;
      this.#onGap(this);
    }
  }

  /** @param kept what is to be written as soon as there is room; null: the history is to be asked for it */
  #fallBehind(kept: Notification[] | null): void {
    this.#isBehind = true;
    this.#kept = kept;
    this.writer.whenDrained(() => this.#goOn());
  }

  #goOn(): void {
    const kept = this.#kept;
    this.#kept = null;
    this.#isBehind = false;
    this.#healingsInARow = 0;
    if (this.#isClosed || this.writer.isOver) return;
    if (kept !== null) for (const notification of kept) this.send(notification);
    else if (!this.deferHealing()) this.#onGap(this);
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
    this.#healingsInARow = 0;
    this.#write(notification);
  }

  #write(notification: Notification): void {
    this.#forgetWaiting(notification.subject, notification.version);
    this.writer.write(notification);
  }

  #sendProgress(notification: Notification): void {
    const waiting = this.#waiting.get(notification.subject);
    if (waiting !== undefined) {
      this.writer.metrics.conflated.inc();
      // Of what the history knew a moment ago, something newer may have come meanwhile.
      if ((waiting.version ?? 0) > (notification.version ?? 0)) return;
      this.#waiting.delete(notification.subject);
    }
    if (this.#held === null && this.writer.isDrained()) {
      this.writer.write(notification);
      return;
    }
    if (this.#waiting.size >= this.writer.limits.waitingSubjects) {
      this.writer.cut();
      return;
    }
    this.#waiting.set(notification.subject, notification);
    this.writer.flushWhenDrained(this);
  }

  /** What waits and is not newer than what the client is told otherwise. */
  #forgetWaiting(subject: string, version: number | undefined): void {
    const waiting = this.#waiting.get(subject)?.version;
    if (waiting !== undefined && version !== undefined && waiting <= version) this.#waiting.delete(subject);
  }
}
