import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';

const contactStore = shareContactStore();

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();

/** Four imports of one owner, newest last: two in the contact store, one that is in both places, one that runs; and another's. */
async function startServer() {
  const owner = `mira-${uuidv7()}`;
  const [oldest, old, young, newest] = [0, 1, 2, 3].map((minute) =>
    foldedImport(owner, { ...ended, acceptedAt: at(minute), reconciled: true }),
  ) as [ReturnType<typeof foldedImport>, ...ReturnType<typeof foldedImport>[]];
  const running = foldedImport(owner, { acceptedAt: at(4) });
  const another = foldedImport(`noor-${uuidv7()}`, { acceptedAt: at(5) });
  const { log } = await startFaultyLog();
  for (const one of [oldest, old, young]) if (one !== undefined) await contactStore().projectImport(one);
  for (const one of [young, newest, running, another]) if (one !== undefined) await keep(log, one);
  const server = await startApiServer({ log }, { contactStore: contactStore() });
  const list = async (query = '', token?: string) => {
    const response = await server.send(`/imports${query}`, token ?? (await server.issueToken(owner)));
    return { response, page: (await response.json()) as Page<ImportState> };
  };
  const ids = [running, newest, young, old, oldest].map((one) => one?.state.importId);
  return { ...server, list, ids, another };
}

const idsOf = ({ page }: { page: Page<ImportState> }) => page.items.map(({ importId }) => importId);

test('the owner’s imports come newest first, each once, wherever they stand', async () => {
  const { list, ids } = await startServer();
  const whole = await list();
  expect(idsOf(whole)).toEqual(ids);
  expect(whole.page.nextCursor).toBeNull();
});

test('pages follow each other by their cursors, without a gap and without a repetition', async () => {
  const { list, ids } = await startServer();
  const found: (string | undefined)[] = [];
  let query = '?limit=2';
  for (;;) {
    const { page } = await list(query);
    found.push(...page.items.map(({ importId }) => importId));
    if (page.nextCursor === null) break;
    query = `?limit=2&cursor=${page.nextCursor}`;
  }
  expect(found).toEqual(ids);
});

test('a status leaves out all others', async () => {
  const { list, ids } = await startServer();
  expect(idsOf(await list('?status=importing'))).toEqual(ids.slice(0, 1));
  expect(idsOf(await list('?status=completed'))).toEqual(ids.slice(1));
});

test('several statuses, a part of the file name or of the id, and for support an owner leave out all others', async () => {
  const { list, ids, another, send } = await startServer();
  expect(idsOf(await list('?status=importing,completed'))).toEqual(ids);
  const [running = '', newest = '', , , oldest = ''] = ids;
  for (const id of [running, newest, oldest])
    expect(idsOf(await list(`?q=${id.slice(-12).toUpperCase()}`))).toEqual([id]);
  expect(idsOf(await list(`?q=${running.slice(-12)}&status=completed`))).toEqual([]);
  expect(idsOf(await list('?q=.csv'))).toEqual(ids);
  const { page } = await list(`?owner=${another.owner}`, SUPPORT_TOKEN);
  expect(page.items).toMatchObject([{ importId: another.state.importId, owner: another.owner }]);
  const one = await send(`/imports/${another.state.importId}`, SUPPORT_TOKEN);
  expect(await one.json()).toMatchObject({ owner: another.owner });
  // An owner who names another one sees the own imports, and not whose they are.
  const own = await list(`?owner=${another.owner}`);
  expect(idsOf(own)).toEqual(ids);
  expect(own.page.items.filter((state) => 'owner' in state)).toEqual([]);
});

test('support sees the imports of all owners, and no owner sees another’s', async () => {
  const { list, another, issueToken } = await startServer();
  expect(idsOf(await list('?limit=500', SUPPORT_TOKEN))).toContain(another.state.importId);
  expect(idsOf(await list('', await issueToken(another.owner)))).toEqual([another.state.importId]);
});

test.each([
  ['?status=waiting', 'status'],
  ['?status=completed,', 'status'],
  ['?q=', 'q'],
  [`?q=${'x'.repeat(201)}`, 'q'],
  ['?limit=0', 'limit'],
  ['?limit=501', 'limit'],
  ['?cursor=x', 'cursor'],
])('%s is refused, naming the field', async (query, field) => {
  const { log } = await startFaultyLog();
  const server = await startApiServer({ log });
  const response = await server.send(`/imports${query}`, SUPPORT_TOKEN);
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid_request', field }]);
});

test('a list needs a token', async () => {
  const server = await startApiServer(await startFaultyLog());
  const response = await server.send('/imports');
  expect([response.status, await response.json()]).toMatchObject([401, { code: 'token_missing' }]);
});
