/**
 * The contacts that are shown: one search at a time, page after page. An answer that comes after a newer search began is
 * dropped, and a page that cannot be read is asked for until it can. The server looks through a bounded part of the contacts for each page, so a page may be short or empty while more
 * pages follow.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Contact, ContactOrder, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts, PageOfTwiceStored } from '@tidings/contracts/contacts/listed-contacts.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { untilAnswered } from '../shell/services/until-answered.ts';

/** What the page needs of the service. Every method rejects with an error that `explain` understands. */
export interface ContactsApi {
  list(
    query: string,
    cursor: string | null,
    signal: AbortSignal,
    order: ContactOrder,
  ): Promise<Pick<PageOfContacts, 'items' | 'nextCursor'> & Partial<PageOfContacts>>;
  /** @param version that is changed; another one is refused */
  update(id: string, patch: ContactPatch, version: number): Promise<Contact>;
  remove(id: string): Promise<void>;
  /** Contacts that are stored twice, a page of a few. */
  duplicates(cursor: string | null): Promise<PageOfTwiceStored>;
  /** As it is now. */
  read(id: string): Promise<Contact>;
  /** Names by code, of the countries that contacts may have. */
  countries(): Promise<ReadonlyMap<string, string>>;
}

export interface ContactsView {
  /** The search that `items` answer, which may be older than the one that is on its way. */
  readonly query: string;
  readonly order: ContactOrder;
  readonly items: readonly Contact[];
  /** How many the search has, or all; null where that is not known. */
  readonly total: number | null;
  /** Contacts that have no place in the order yet. */
  readonly unsorted: number;
  readonly nextCursor: string | null;
  /** When the server gave the last answer that is shown, in milliseconds of this clock; null before the first. */
  readonly answeredAt: number | null;
  /** How many requests have been sent: a search may take several, and answers come although nothing is found yet. */
  readonly requests: number;
  /** Whether more is on its way; also before the first search. */
  readonly loading: boolean;
  readonly problem: PageProblem | null;
  /** Whether contacts were changed since the rows were asked for, by something else than this list. */
  readonly isOutOfDate: boolean;
}

export interface ContactsList {
  readonly view: ReadonlySignal<ContactsView>;
  /** Replaces what is shown by the first page of this search; '' finds all. */
  search(query: string, order?: ContactOrder): Promise<void>;
  /**
   * Asks again for a search, and for as many rows as are shown; these stay until it is answered. Does nothing while an answer is on its way,
   * or where the last one is a moment old.
   */
  refresh(query: string): Promise<void>;
  /** The same at once, for a person who wants it. */
  readAnew(query: string): Promise<void>;
  /**
   * Says that contacts were changed. Rows that were asked for since are as they are now.
   *
   * @param askedAt when the question was asked of which the answer says so, in milliseconds of this clock
   */
  noteChange(askedAt: number): void;
  /** Loads the next page, if there is one and no answer is awaited. */
  more(): Promise<void>;
  update(contact: Contact, patch: ContactPatch): Promise<void>;
  /** Reads it anew, and shows it as it is now. */
  reread(id: string): Promise<Contact>;
  remove(id: string): Promise<void>;
  /** Shows a contact no more; what it returns shows it again. */
  hide(id: string): () => void;
  /** Says why something failed that was asked for elsewhere. */
  tell(error: unknown): void;
  close(): void;
}

/** Contacts that each load adds, at least, as long as there are more. */
const PAGE_ROWS = 50;
/** Milliseconds for which an answer counts as new, and between two requests while none comes. */
const NEW_FOR_MS = 10_000;
const ASK_EVERY_MS = 2_000;

export function createContactsList(api: ContactsApi, explain: (error: unknown) => PageProblem): ContactsList {
  const view = signal<ContactsView>({
    query: '',
    order: 'email',
    items: [],
    total: null,
    unsorted: 0,
    nextCursor: null,
    answeredAt: null,
    requests: 0,
    loading: true,
    problem: null,
    isOutOfDate: false,
  });
  /** By id, as they were when they were saved or read one by one. */
  const saved = new Map<string, Contact>();
  const hidden = signal<ReadonlySet<string>>(new Set());
  let wanted: ContactOrder = 'email';
  let current = new AbortController();
  let askedAt = 0;
  /** When the first page that is shown, or is on its way, was asked for. */
  let readAt = 0;
  let changedAt = 0;
  const fail = (error: unknown): void => {
    view.value = { ...view.value, loading: false, problem: explain(error) };
  };

  /** @param rows that are wanted at least, beyond those that stand before the cursor */
  const load = async (query: string, cursor: string | null, rows = PAGE_ROWS): Promise<void> => {
    current.abort();
    const mine = new AbortController();
    current = mine;
    askedAt = Date.now();
    if (cursor === null) readAt = askedAt;
    const shown = cursor === null ? [] : view.value.items;
    let items: readonly Contact[] = shown;
    const order = wanted;
    let { total, unsorted } = view.value;
    let nextCursor = cursor;
    let loading = true;
    try {
      do {
        const from = nextCursor;
        view.value = { ...view.value, requests: view.value.requests + 1 };
        const page = await untilAnswered(() => api.list(query, from, mine.signal, order), {
          signal: mine.signal,
          onWait: fail,
        });
        if (mine.signal.aborted) return;
        items = joinPages(items, page.items.map(newest));
        if (from === null) ({ total = null, unsorted = 0 } = page);
        // A cursor that leads to itself would be followed for ever.
        nextCursor = page.nextCursor === nextCursor ? null : page.nextCursor;
        loading = nextCursor !== null && items.length - shown.length < rows;
        // What is shown anew replaces as much as stood there, and not a part of it.
        if (rows === PAGE_ROWS ? items.length > 0 || !loading : !loading) {
          view.value = {
            ...view.value,
            ...{ query, order, total, unsorted },
            items,
            nextCursor,
            answeredAt: Date.now(),
            loading,
            problem: null,
            isOutOfDate: changedAt > readAt,
          };
        }
      } while (loading);
    } catch (error) {
      if (!mine.signal.aborted) fail(error);
    }
  };

  /** A contact may have been saved while the page of rows was on its way. */
  const newest = (told: Contact): Contact => {
    const known = saved.get(told.id);
    return known !== undefined && known.version > told.version ? known : told;
  };

  const begin = (): void => {
    view.value = { ...view.value, loading: true, problem: null };
  };

  const readAnew = async (query: string): Promise<void> => {
    const { items, problem } = view.value;
    // A problem stays until there is an answer.
    view.value = { ...view.value, loading: problem === null };
    await load(query, null, query === view.value.query ? Math.max(items.length, PAGE_ROWS) : PAGE_ROWS);
  };

  const show = (contact: Contact): void => {
    saved.set(contact.id, contact);
    const items = view.value.items.map((shown) => (shown.id === contact.id ? contact : shown));
    view.value = { ...view.value, items };
  };

  const withoutHidden = computed(() => {
    const { items, total } = view.value;
    const shown = items.filter(({ id }) => !hidden.value.has(id));
    const gone = items.length - shown.length;
    return gone === 0
      ? view.value
      : { ...view.value, items: shown, total: total === null ? null : total - gone };
  });

  return {
    view: withoutHidden,
    search: (query, order = wanted) => {
      wanted = order;
      begin();
      return load(query, null);
    },
    refresh: async (query) => {
      const { loading, problem, answeredAt } = view.value;
      const now = Date.now();
      if (loading || now - askedAt < ASK_EVERY_MS || problem?.retriable === false) return;
      if (problem === null && answeredAt !== null && now - answeredAt < NEW_FOR_MS) return;
      await readAnew(query);
    },
    readAnew,
    noteChange: (asked) => {
      changedAt = asked;
      if (changedAt > readAt) view.value = { ...view.value, isOutOfDate: true };
    },
    more: async () => {
      const { query, nextCursor, loading } = view.value;
      if (nextCursor === null || loading) return;
      begin();
      await load(query, nextCursor);
    },
    update: async ({ id, version }, patch) => show(await api.update(id, patch, version)),
    reread: async (id) => {
      const contact = await api.read(id);
      show(contact);
      return contact;
    },
    remove: async (id) => {
      await api.remove(id).catch((error: unknown) => {
        // Somebody else has deleted it.
        if (explain(error).code !== 'not_found') throw error;
      });
      const { items, total } = view.value;
      const left = items.filter((contact) => contact.id !== id);
      view.value = {
        ...view.value,
        items: left,
        total: total === null ? null : total - (items.length - left.length),
      };
    },
    hide: (id) => {
      hidden.value = new Set([...hidden.value, id]);
      return () => {
        hidden.value = new Set([...hidden.value].filter((one) => one !== id));
      };
    },
    tell: fail,
    close: () => current.abort(),
  };
}

/** A contact that moved between two pages is shown once. */
function joinPages(shown: readonly Contact[], next: readonly Contact[]): Contact[] {
  const known = new Set(shown.map((contact) => contact.id));
  return [...shown, ...next.filter((contact) => !known.has(contact.id))];
}
