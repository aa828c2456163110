/** The history in the memory of one process. It begins empty, under new epochs; its caller fills it from the log. */
import { randomBytes } from 'node:crypto';
import type { Event } from '@tidings/contracts/event.ts';
import type { Lane, Notification } from '@tidings/contracts/notifications/notification.ts';
import {
  type Appended,
  type ChannelHistory,
  defaultHistoryLimits,
  type HistoryLimits,
  type HistoryPosition,
  type LogPosition,
  type OpenedHistory,
  type RecordedEvent,
  toNotificationBody,
} from './channel-history.ts';

interface Kept {
  readonly notification: Notification;
  readonly recordedAt: number;
  readonly bytes: number;
}

interface KeptDurable extends Kept {
  readonly seq: number;
  readonly partitionId: string;
  readonly offset: number;
}

interface KeptProgress extends Kept {
  readonly version: number;
}

interface Channel {
  readonly epoch: string;
  /** The number of the newest durable notification; 0 before the first. */
  seq: number;
  /** Contiguous, the oldest first; the last one has the number `seq`. */
  durable: KeptDurable[];
  /** By partition of the log: the highest offset appended. A record that is not above it was delivered again. */
  readonly appendedOffsets: Map<string, number>;
  /** By subject, the longest unchanged first. */
  readonly progress: Map<string, KeptProgress>;
  /** By subject that has ended: the version of its end. */
  readonly ended: Map<string, number>;
  usedAt: number;
}

/** Bytes that a channel without notifications counts. */
const CHANNEL_BYTES = 500;

export interface MemoryHistoryOptions {
  readonly limits?: Partial<HistoryLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class MemoryHistory implements ChannelHistory {
  readonly #limits: HistoryLimits;
  readonly #now: () => number;
  /** The longest unused first. */
  readonly #channels = new Map<string, Channel>();
  /** Goes on where it stands: a new iteration would pass over the old place of every channel that has moved to the end. */
  #fromLongestUnused = this.#channels.entries();
  /** What the iteration gave last. Undefined once that channel has moved or has been dropped. */
  #longestUnused: [string, Channel] | undefined;
  #bytes = 0;

  constructor(options: MemoryHistoryOptions = {}) {
    this.#limits = { ...defaultHistoryLimits, ...options.limits };
    this.#now = options.now ?? Date.now;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  /** Bytes of everything kept, as they count towards the limit. */
  get byteCount(): number {
    return this.#bytes;
  }

  async append(channelId: string, position: LogPosition, recorded: RecordedEvent): Promise<Appended | null> {
    const channel = this.#use(channelId);
    const partitionId = `${position.topic}/${position.incarnation}/${position.partition}`;
    if (position.offset <= (channel.appendedOffsets.get(partitionId) ?? -1)) {
      const kept = channel.durable.find(
        (one) => one.offset === position.offset && one.partitionId === partitionId,
      );
      return kept === undefined ? null : { notification: kept.notification, added: false };
    }
    channel.appendedOffsets.set(partitionId, position.offset);
    channel.seq += 1;
    const notification = toNotification(channelId, 'durable', channel.epoch, recorded.event, channel.seq);
    channel.durable.push({
      notification,
      seq: channel.seq,
      partitionId,
      offset: position.offset,
      recordedAt: recorded.recordedAt,
      bytes: recorded.bytes,
    });
    this.#bytes += recorded.bytes;
    if (recorded.event.final === true) this.#end(channel, recorded.event);
    this.#forgetOld(channel);
    this.#keepWithinBounds();
    return { notification, added: true };
  }

  async setProgress(channelId: string, recorded: RecordedEvent): Promise<Appended | null> {
    const channel = this.#use(channelId);
    const { event } = recorded;
    const version = event.version ?? 0;
    const shown = channel.progress.get(event.subject);
    const known = shown?.version ?? channel.ended.get(event.subject) ?? -1;
    if (version < known) return null;
    const notification = toNotification(channelId, 'progress', channel.epoch, event);
    if (version === known) {
      const isAgain = shown === undefined ? event.final : shown.notification.eventId === event.eventId;
      return isAgain === true ? { notification, added: false } : null;
    }
    if (event.final === true) {
      this.#end(channel, event);
    } else {
      this.#dropProgress(channel, event.subject);
      channel.ended.delete(event.subject);
      const { recordedAt, bytes } = recorded;
      channel.progress.set(event.subject, { notification, version, recordedAt, bytes });
      this.#bytes += bytes;
    }
    this.#forgetOld(channel);
    this.#keepWithinBounds();
    return { notification, added: true };
  }

  begin(channelId: string): Promise<OpenedHistory> {
    return this.open(channelId, null);
  }

  async open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory> {
    const channel = this.#use(channelId);
    this.#forgetOld(channel);
    this.#keepWithinBounds();
    const oldest = channel.seq - channel.durable.length;
    const recovered =
      known !== null && known.epoch === channel.epoch && known.seq >= oldest && known.seq <= channel.seq;
    const durable = recovered ? channel.durable.slice(known.seq - oldest) : channel.durable;
    return {
      epoch: channel.epoch,
      seq: channel.seq,
      recovered,
      durable: durable.map((kept) => kept.notification),
      progress: Array.from(channel.progress.values(), (kept) => kept.notification),
    };
  }

  async positionsOf(channelIds: readonly string[]): Promise<(HistoryPosition | null)[]> {
    return channelIds.map((channelId) => {
      if (!this.#channels.has(channelId)) return null;
      const { epoch, seq } = this.#use(channelId);
      return { epoch, seq };
    });
  }

  #use(channelId: string): Channel {
    let channel = this.#channels.get(channelId);
    if (channel === undefined) {
      channel = {
        epoch: randomBytes(9).toString('base64url'),
        seq: 0,
        durable: [],
        appendedOffsets: new Map(),
        progress: new Map(),
        ended: new Map(),
        usedAt: 0,
      };
      this.#bytes += CHANNEL_BYTES;
    } else {
      this.#take(channelId);
    }
    this.#channels.set(channelId, channel);
    channel.usedAt = this.#now();
    return channel;
  }

  /** An end without a version ends every known version of the subject. */
  #end(channel: Channel, event: Event): void {
    const progress = channel.progress.get(event.subject)?.version;
    const ended = channel.ended.get(event.subject);
    const version = event.version ?? progress ?? ended ?? 0;
    if (progress !== undefined && progress > version) return;
    this.#dropProgress(channel, event.subject);
    channel.ended.delete(event.subject);
    channel.ended.set(event.subject, Math.max(version, ended ?? 0));
  }

  #dropProgress(channel: Channel, subject: string): void {
    this.#bytes -= channel.progress.get(subject)?.bytes ?? 0;
    channel.progress.delete(subject);
  }

  #forgetOld(channel: Channel): void {
    const { durablePerChannel, subjectsPerChannel, maxAgeMs } = this.#limits;
    const horizon = this.#now() - maxAgeMs;
    let surplus = Math.max(0, channel.durable.length - durablePerChannel);
    while ((channel.durable[surplus]?.recordedAt ?? horizon) < horizon) surplus += 1;
    for (const left of channel.durable.splice(0, surplus)) this.#bytes -= left.bytes;
    for (const [subject, { recordedAt }] of channel.progress) {
      if (channel.progress.size <= subjectsPerChannel && recordedAt >= horizon) break;
      this.#dropProgress(channel, subject);
    }
    for (const subject of channel.ended.keys()) {
      if (channel.ended.size <= subjectsPerChannel) break;
      channel.ended.delete(subject);
    }
  }

  /** The channel in use stands last and is never dropped: the limits per channel bound it. */
  #keepWithinBounds(): void {
    const { channels, bytes, maxAgeMs } = this.#limits;
    const horizon = this.#now() - maxAgeMs;
    while (this.#channels.size > 1) {
      const [channelId, channel] = this.#findLongestUnused();
      const surplus = this.#channels.size > channels || this.#bytes > bytes;
      if (!surplus && channel.usedAt >= horizon) break;
      this.#take(channelId);
      this.#bytes -= CHANNEL_BYTES;
      for (const kept of channel.durable) this.#bytes -= kept.bytes;
      for (const kept of channel.progress.values()) this.#bytes -= kept.bytes;
    }
  }

  #take(channelId: string): void {
    this.#channels.delete(channelId);
    if (this.#longestUnused?.[0] === channelId) this.#longestUnused = undefined;
  }

  /** All channels before it in the iteration have moved or have been dropped, so none of them is older. */
  #findLongestUnused(): [string, Channel] {
    while (this.#longestUnused === undefined) {
      const { done, value } = this.#fromLongestUnused.next();
      if (done === true) this.#fromLongestUnused = this.#channels.entries();
      else this.#longestUnused = value;
    }
    return this.#longestUnused;
  }
}

function toNotification(
  channelId: string,
  lane: Lane,
  epoch: string,
  event: Event,
  seq?: number,
): Notification {
  const body = toNotificationBody(channelId, lane, event);
  return seq === undefined ? { ...body, epoch } : { ...body, epoch, seq };
}
