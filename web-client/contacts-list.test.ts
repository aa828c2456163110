import { describe, expect, it, vi } from 'vitest';
import type { Contact } from '../contracts/contact.ts';
import type { Page } from '../contracts/http.ts';
import { type ContactsApi, createContactsList } from './contacts-list.ts';
import { contact } from './fixture-states.ts';

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
    waiting[0]?.answer({ items: [contact(1), contact(2)], nextCursor: 'c' });
    await searched;
    const more = list.more();
    expect(waiting[1]).toMatchObject({ query: '', cursor: 'c' });
    waiting[1]?.answer({ items: [contact(2), contact(3)], nextCursor: null });
    await more;
    expect(list.view.value.items).toEqual([contact(1), contact(2), contact(3)]);
    await list.more();
    expect(waiting).toHaveLength(2);
  });

  it('looks on after a part of the contacts in which a search found nothing', async () => {
    const { api, waiting } = createHeldApi();
    const list = createContactsList(api, explain);
    const searched = list.search('zed');
    waiting[0]?.answer({ items: [], nextCursor: 'c' });
    await vi.waitFor(() => expect(waiting[1]).toMatchObject({ query: 'zed', cursor: 'c' }));
    expect(list.view.value.loading).toBe(true);
    waiting[1]?.answer({ items: [contact(1)], nextCursor: null });
    await searched;
    expect(list.view.value).toMatchObject({ items: [contact(1)], loading: false });
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
    await list.update(contact(1).id, { firstName: 'Grace' });
    expect(list.view.value.items[0]?.firstName).toBe('Grace');
    await list.remove(contact(1).id);
    expect(list.view.value.items).toEqual([contact(2)]);
  });
});
