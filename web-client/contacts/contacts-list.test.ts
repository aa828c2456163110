import { ProblemError } from '@tidings/client/index.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { contact } from '../test/sample-states.ts';
import { type ContactsApi, createContactsList } from './contacts-list.ts';

const explain = (error: unknown) => ({ code: 'x', title: 'Did not work', detail: String(error) });

/** Answers each request when the test says so. */
function createHeldApi() {
  const waiting: {
    query: string;
    cursor: string | null;
    answer: (page: Page<Contact>) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const api: ContactsApi = {
    list: (query, cursor) =>
      new Promise((answer, fail) => {
        waiting.push({ query, cursor, answer, fail });
      }),
    update: (id, patch) => Promise.resolve(contact(1, { id, firstName: patch.firstName ?? '' })),
    remove: () => Promise.resolve(),
    duplicates: () => Promise.resolve({ items: [], nextCursor: null, total: 0 }),
    read: (id) => Promise.resolve(contact(1, { id, version: 7 })),
    countries: () => Promise.resolve(new Map()),
  };
  return { api, waiting };
}

describe('the list of contacts', () => {
  it('drops the answer to a search that was given up', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const first = list.search('ad');
    const second = list.search('ada');
    waiting[1]?.answer({ items: [contact(2)], nextCursor: null });
    waiting[0]?.answer({ items: [contact(1)], nextCursor: null });
    await Promise.all([first, second]);
    expect(list.view.value).toMatchObject({ query: 'ada', items: [contact(2)], loading: false });
  });

  it('appends the next page, and shows a contact on both pages once', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('');
    const full = Array.from({ length: 50 }, (_, index) => contact(index + 1));
    waiting[0]?.answer({ items: full, nextCursor: 'c' });
    await searched;
    const more = list.more();
    expect(waiting[1]).toMatchObject({ query: '', cursor: 'c' });
    waiting[1]?.answer({ items: [contact(50), contact(51)], nextCursor: null });
    await more;
    expect(list.view.value.items).toEqual([...full, contact(51)]);
    await list.more();
    expect(waiting).toHaveLength(2);
  });

  // A page that was open while an import ended went on to show the former list, and said nothing.
  it('is out of date where contacts were changed since it was asked for, until it is read anew', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('');
    const before = Date.now();
    waiting[0]?.answer({ items: [contact(1)], nextCursor: null });
    await searched;
    list.noteChange(before - 1_000);
    expect(list.view.value.isOutOfDate, 'these rows were asked for later').toBe(false);
    list.noteChange(before + 1);
    expect(list.view.value).toMatchObject({ items: [contact(1)], isOutOfDate: true });
    await eventually(() => expect(Date.now()).toBeGreaterThan(before));
    const read = list.readAnew('');
    expect(list.view.value).toMatchObject({ items: [contact(1)], isOutOfDate: true, loading: true });
    waiting[1]?.answer({ items: [contact(1), contact(2)], nextCursor: null });
    await read;
    expect(list.view.value).toMatchObject({ items: [contact(1), contact(2)], isOutOfDate: false });
  });

  it('looks on after a part of the contacts in which a search found nothing', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [], nextCursor: 'c' });
    await eventually(() => expect(waiting[1]).toMatchObject({ query: 'zed', cursor: 'c' }));
    // The page said that the server does not answer while a search took several requests.
    expect(list.view.value).toMatchObject({ loading: true, requests: 2 });
    waiting[1]?.answer({ items: [contact(1)], nextCursor: null });
    await searched;
    expect(list.view.value).toMatchObject({ items: [contact(1)], loading: false, requests: 2 });
  });

  it('shows what is found so far, and looks on until a page is full or there is no more', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [contact(1)], nextCursor: 'c' });
    await eventually(() => expect(waiting[1]).toMatchObject({ query: 'zed', cursor: 'c' }));
    expect(list.view.value).toMatchObject({ query: 'zed', items: [contact(1)], loading: true });
    const rest = Array.from({ length: 49 }, (_, index) => contact(index + 2));
    waiting[1]?.answer({ items: rest, nextCursor: 'd' });
    await searched;
    expect(list.view.value).toMatchObject({ nextCursor: 'd', loading: false });
    expect(list.view.value.items).toHaveLength(50);
    expect(waiting).toHaveLength(2);
  });

  it('ends at a cursor that leads to itself', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [contact(1)], nextCursor: 'c' });
    await eventually(() => expect(waiting).toHaveLength(2));
    waiting[1]?.answer({ items: [contact(1)], nextCursor: 'c' });
    await searched;
    expect(list.view.value).toMatchObject({ items: [contact(1)], nextCursor: null, loading: false });
  });

  it('never shows rows under a search that did not find them', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    expect(list.view.value).toMatchObject({ loading: true, items: [] });
    const all = list.search('');
    waiting[0]?.answer({ items: [contact(1)], nextCursor: null });
    await all;
    const nobody = list.search('nobody');
    expect(list.view.value).toMatchObject({ query: '', loading: true });
    waiting[1]?.answer({ items: [], nextCursor: 'c' });
    await eventually(() => expect(waiting).toHaveLength(3));
    expect(list.view.value).toMatchObject({ query: '', loading: true });
    waiting[2]?.answer({ items: [], nextCursor: null });
    await nobody;
    expect(list.view.value).toMatchObject({ query: 'nobody', items: [], loading: false });
  });

  it('goes on from where a failure left it', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [contact(1)], nextCursor: 'c' });
    await eventually(() => expect(waiting).toHaveLength(2));
    waiting[1]?.fail('away');
    await searched;
    expect(list.view.value).toMatchObject({ query: 'zed', items: [contact(1)], loading: false });
    expect(list.view.value.problem).not.toBeNull();
    void list.more();
    expect(waiting[2]).toMatchObject({ query: 'zed', cursor: 'c' });
  });

  it('asks again by itself while the services are away, also within a search, until they answer', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [], nextCursor: 'c' });
    await eventually(() => expect(waiting).toHaveLength(2));
    waiting[1]?.fail(
      new ProblemError({ code: 'unavailable', status: 503, detail: 'Away.', retriable: true }),
    );
    await eventually(() => expect(list.view.value.problem).not.toBeNull());
    expect(list.view.value.loading).toBe(false);
    await eventually(() => expect(waiting[2]).toMatchObject({ query: 'zed', cursor: 'c' }));
    waiting[2]?.answer({ items: [], nextCursor: 'd' });
    await eventually(() => expect(waiting[3]).toMatchObject({ query: 'zed', cursor: 'd' }));
    waiting[3]?.answer({ items: [contact(1)], nextCursor: null });
    await searched;
    expect(list.view.value).toMatchObject({ items: [contact(1)], loading: false, problem: null });
  });

  // A page that was left open said nothing about an outage, and showed rows of before it for ever.
  it('asks again when a person returns, for as many rows, and not more often than it helps', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('');
    await list.refresh('');
    const full = Array.from({ length: 50 }, (_, index) => contact(index + 1));
    waiting[0]?.answer({ items: full, nextCursor: 'c' });
    await searched;
    const more = list.more();
    waiting[1]?.answer({ items: [contact(51)], nextCursor: null });
    await more;
    await list.refresh('');
    expect(waiting).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    const refreshed = list.refresh('');
    await list.refresh('');
    expect(waiting).toHaveLength(3);
    expect(waiting[2]).toMatchObject({ query: '', cursor: null });
    const changed = [contact(1, { firstName: 'New' }), ...full.slice(1)];
    waiting[2]?.answer({ items: changed, nextCursor: 'd' });
    await eventually(() => expect(waiting).toHaveLength(4));
    expect(list.view.value.items).toEqual([...full, contact(51)]);
    waiting[3]?.answer({ items: [contact(51)], nextCursor: null });
    await refreshed;
    expect(list.view.value).toMatchObject({ items: [...changed, contact(51)], loading: false });
  });

  it('asks at once when a person returns while it waits to ask again, and keeps the problem until there is an answer', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { api, waiting } = createHeldApi();
    const list = createContactsList(
      api,
      (error) => ({ ...explain(error), retriable: true }) satisfies PageProblem,
    );
    void list.search('');
    waiting[0]?.fail(
      new ProblemError({ code: 'unavailable', status: 503, detail: 'Away.', retriable: true }, 60_000),
    );
    await eventually(() => expect(list.view.value.problem).not.toBeNull());
    await list.refresh('');
    expect(waiting).toHaveLength(1);
    vi.advanceTimersByTime(2_000);
    const refreshed = list.refresh('');
    expect(waiting).toHaveLength(2);
    expect(list.view.value.problem).not.toBeNull();
    waiting[1]?.answer({ items: [contact(1)], nextCursor: null });
    await refreshed;
    expect(list.view.value).toMatchObject({ items: [contact(1)], problem: null });
  });

  it('keeps what it shows when a request fails, and says why', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('');
    waiting[0]?.answer({ items: [contact(1)], nextCursor: null });
    await searched;
    const failing = list.search('x');
    waiting[1]?.fail('away');
    await failing;
    expect(list.view.value).toMatchObject({
      items: [contact(1)],
      loading: false,
      problem: { detail: 'away' },
    });
  });

  it('shows a change and a deletion at once', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('');
    waiting[0]?.answer({ items: [contact(1), contact(2)], nextCursor: null });
    await searched;
    await list.update(contact(1), { firstName: 'Grace' });
    expect(list.view.value.items[0]?.firstName).toBe('Grace');
    // One that is stored twice may be open without being among those that are shown.
    await list.update(contact(9, { version: 3 }), { firstName: 'Ida' });
    expect(list.view.value.items).toHaveLength(2);
    await list.remove(contact(1).id);
    expect(list.view.value.items).toEqual([contact(2)]);
  });

  // Its row came back, beside a refusal.
  it('shows no contact that somebody else has deleted first', async () => {
    const { api, waiting } = createHeldApi();
    const remove = () =>
      Promise.reject(new ProblemError({ code: 'not_found', status: 404, detail: 'Gone.', retriable: false }));
    const told = (error: unknown) => ({
      ...explain(error),
      code: error instanceof ProblemError ? error.code : 'x',
    });
    const list = createContactsList({ ...api, remove }, told);
    const searched = list.search('');
    waiting[0]?.answer({ items: [contact(1), contact(2)], nextCursor: null });
    await searched;
    await list.remove(contact(1).id);
    expect(list.view.value).toMatchObject({ items: [contact(2)], problem: null });
  });

  // Its row showed what had been before, and the next change of it was refused as if somebody else had made the last one.
  it('shows what was saved while the rows were on their way', async () => {
    const { api, waiting } = createHeldApi();
    const { id, version } = contact(1);
    const saved = contact(1, { version: version + 1, company: 'Nordwind' });
    const list = createContactsList({ ...api, update: () => Promise.resolve(saved) }, explain);
    const searched = list.search('');
    waiting[0]?.answer({ items: [contact(1), contact(2)], nextCursor: null });
    await searched;
    const read = list.readAnew('');
    await list.update(contact(1), { company: 'Nordwind' });
    waiting[1]?.answer({ items: [contact(1), contact(2, { version: version + 5 })], nextCursor: null });
    await read;
    expect(list.view.value.items).toMatchObject([{ id, company: 'Nordwind' }, { version: version + 5 }]);
  });

  // The list was read anew beside an open panel, whose save then overwrote what it had never shown.
  it('changes the version that a person has seen, whatever the list has read since', async () => {
    const { api, waiting } = createHeldApi();
    const versions: number[] = [];
    const list = createContactsList(
      {
        ...api,
        update: (id, _patch, version) => {
          versions.push(version);
          return Promise.resolve(contact(1, { id, version: version + 1 }));
        },
      },
      explain,
    );
    const searched = list.search('');
    const { id } = contact(1);
    waiting[0]?.answer({ items: [contact(1), contact(2)], nextCursor: null });
    await searched;
    expect((await list.reread(id)).version).toBe(7);
    expect(list.view.value.items).toMatchObject([{ id, version: 7 }, { id: contact(2).id }]);
    await list.update(contact(1, { version: 3 }), { company: 'Nordwind' });
    expect(versions).toEqual([3]);
  });
});
