/** Finds replies for callers who come back for them, to any instance. */
import type { EventLog, ReadFrom } from '../event-log.ts';
import { decodeRequestId } from './request-id.ts';
import { decodeReply, type Reply } from './request-records.ts';

/** Requests whose next search goes on where the last one ended. Beyond the bound, the search for the oldest one begins anew. */
const maxRemembered = 10_000;
/** Milliseconds by which the clocks of requester and log may differ. */
const clockToleranceMs = 60_000;

export class ReplySearch {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #topic: string;
  readonly #partitions: number;
  /** By request: the offset up to which its partition holds no reply to it. */
  readonly #searched = new Map<string, number>();

  constructor(log: Pick<EventLog, 'read'>, topic: string, partitions: number) {
    this.#log = log;
    this.#topic = topic;
    this.#partitions = partitions;
  }

  /** The first search for the reply begins there. @param offset below which its partition holds none */
  beginAt(requestId: string, offset: number): void {
    this.#remember(requestId, offset);
  }

  /** Reads what was appended to one partition since the request, or since the last search for it. null where there is no reply. */
  async find(requestId: string): Promise<Reply | null> {
    const place = decodeRequestId(requestId);
    if (place === null || place.partition >= this.#partitions) return null;
    const { partition } = place;
    const known = this.#searched.get(requestId);
    const from: ReadFrom =
      known === undefined
        ? { timestamp: Math.max(place.sentAt - clockToleranceMs, 0) }
        : { offsets: Array.from<number>({ length: this.#partitions }).fill(known) };
    for await (const records of this.#log.read({
      topic: this.#topic,
      partitions: [partition],
      from,
      follow: false,
    })) {
      for (const record of records) {
        const reply = decodeReply(record);
        if (reply?.requestId !== requestId) continue;
        this.#remember(requestId, record.offset);
        return { status: reply.status, headers: reply.headers, body: reply.body };
      }
      this.#remember(requestId, (records.at(-1)?.offset ?? 0) + 1);
    }
    return null;
  }

  #remember(requestId: string, offset: number): void {
    this.#searched.delete(requestId);
    this.#searched.set(requestId, offset);
    if (this.#searched.size <= maxRemembered) return;
    for (const oldest of this.#searched.keys()) {
      this.#searched.delete(oldest);
      return;
    }
  }
}
