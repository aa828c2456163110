/**
 * The search among contacts. It reads the store in short steps, so that an embedded database does other work between them. A search
 * ends after a time or a number of contacts, with a cursor, and when its client has left. An owner has one search at a time.
 */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  type ListContactsOptions,
  MAX_PAGE_BYTES,
  SEARCHED_AT_A_TIME,
} from '@tidings/contact-store/listed-contacts.ts';
import { MAX_CONTACT_BYTES } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts } from '@tidings/contracts/contacts/listed-contacts.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import PQueue from 'p-queue';

export interface SearchLimits {
  /** Milliseconds after which a search reads no further. */
  readonly milliseconds: number;
  /** Contacts that one search reads, at most. */
  readonly contacts: number;
  /** Searches of one owner that wait while another one runs, at most. */
  readonly waiting: number;
  /** Searches at once in this process; more wait. */
  readonly atOnce: number;
}

const defaultSearchLimits: SearchLimits = { milliseconds: 250, contacts: 50_000, waiting: 4, atOnce: 4 };

/** Seconds in which a search of the owner usually ends. */
const RETRY_AFTER_SECONDS = 1;

export class ContactSearches {
  readonly #store: Pick<ContactStore, 'listContacts'>;
  readonly #limits: SearchLimits;
  readonly #now: () => number;
  readonly #all: PQueue;
  /** One for each owner whose search runs or waits. */
  readonly #queues = new Map<string, PQueue>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    store: Pick<ContactStore, 'listContacts'>,
    limits: Partial<SearchLimits> = {},
    now: () => number = () => performance.now(),
  ) {
    this.#store = store;
    this.#limits = { ...defaultSearchLimits, ...limits };
    this.#now = now;
    this.#all = new PQueue({ concurrency: this.#limits.atOnce });
  }

  /**
   * Resolves with a page that may be short, or empty: its cursor goes on behind the last contact that was read.
   * @param signal aborted when the client has left: the search then rejects, or resolves with what it has found
   * @throws Problem rate_limited, where too many of the owner's searches wait
   */
  async search(options: ListContactsOptions, signal: AbortSignal): Promise<PageOfContacts> {
    const queue = this.#queueOf(options.owner);
    if (queue.size >= this.#limits.waiting) {
      const message = `${queue.size} searches of yours wait already. Try again shortly.`;
      throw new Problem('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    try {
      return await queue.add(() => this.#all.add(() => this.#run(options, signal), { signal }), { signal });
    } finally {
      if (queue.size === 0 && queue.pending === 0) this.#queues.delete(options.owner);
    }
  }

  #queueOf(owner: string): PQueue {
    const queue = this.#queues.get(owner) ?? new PQueue({ concurrency: 1 });
    this.#queues.set(owner, queue);
    return queue;
  }

  async #run(options: ListContactsOptions, signal: AbortSignal): Promise<PageOfContacts> {
    const end = this.#now() + this.#limits.milliseconds;
    let page = await this.#store.listContacts(options);
    let bytesLeft = MAX_PAGE_BYTES - jsonBytesOf(page.items);
    let looked = SEARCHED_AT_A_TIME;
    const goesOn = () =>
      page.nextCursor !== null &&
      page.items.length < options.limit &&
      bytesLeft > MAX_CONTACT_BYTES &&
      looked < this.#limits.contacts &&
      this.#now() < end &&
      !signal.aborted;
    while (goesOn()) {
      const { items, nextCursor } = await this.#store.listContacts({
        ...options,
        cursor: page.nextCursor ?? undefined,
        limit: options.limit - page.items.length,
        maxBytes: bytesLeft,
      });
      page = { ...page, items: [...page.items, ...items], nextCursor };
      bytesLeft -= jsonBytesOf(items);
      looked += SEARCHED_AT_A_TIME;
    }
    // A search that has read all of them in one go knows their number.
    const isAll = options.cursor === undefined && page.nextCursor === null;
    return { ...page, total: isAll ? page.items.length : page.total };
  }
}

function jsonBytesOf(items: readonly unknown[]): number {
  return items.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(items));
}
