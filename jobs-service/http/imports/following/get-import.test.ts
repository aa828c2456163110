import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';
import { HeldAnswers } from '../../held-answers.ts';

async function startServer(heldAnswers?: HeldAnswers) {
  const { log } = await startFaultyLog();
  return { ...(await startApiServer({ log }, { heldAnswers })), keep: keep.bind(null, log) };
}

/** By itself `fetch` sends `Cache-Control: no-cache` with a condition, which asks for the whole answer. */
function revalidating(response: Response): Record<string, string> {
  return { 'If-None-Match': String(response.headers.get('ETag')), 'Cache-Control': 'max-age=0' };
}

test('an import that runs is answered with its state, and a pace for asking that is far from being refused', async () => {
  const server = await startServer();
  const running = foldedImport('mira', { version: 4711 });
  await server.keep(running);
  const response = await server.send(`/imports/${running.state.importId}`, await server.issueToken('mira'));
  expect([response.status, await response.json()]).toEqual([200, running.state]);
  expect(response.headers.get('ETag')).toBe('"4711"');
  const secondsBetween = Number(response.headers.get('Retry-After'));
  expect(60 / secondsBetween).toBeLessThanOrEqual(30);
});

test('an import that has ended is answered without a time to ask again, and with 304 until it changes', async () => {
  const server = await startServer();
  const compared = foldedImport('mira', { ...ended, reconciled: true });
  await server.keep(compared);
  const response = await server.send(`/imports/${compared.state.importId}`, SUPPORT_TOKEN);
  expect(await response.json()).toMatchObject({ status: 'completed', reconciled: true });
  expect(response.headers.get('Retry-After')).toBeNull();
  const known = revalidating(response);
  const path = `/imports/${compared.state.importId}`;
  expect((await server.send(path, SUPPORT_TOKEN, { headers: known })).status).toBe(304);
  await server.keep({ ...compared, state: { ...compared.state, version: 8 } });
  const asked = () => server.send(path, SUPPORT_TOKEN, { headers: known });
  await eventually(async () => expect((await asked()).status).toBe(200));
});

// Who asked with the known `ETag` heard nothing of the rows that others had mended meanwhile.
test('an import whose rows are mended by another one is answered anew, at the same version', async () => {
  const server = await startServer();
  const first = foldedImport('mira', { ...ended, rows: { ...noRows(), total: 2, rejected: 2 } });
  await server.keep(first);
  const path = `/imports/${first.state.importId}`;
  const response = await server.send(path, SUPPORT_TOKEN);
  expect(await response.json()).toMatchObject({ leftToMend: 2 });
  const headers = revalidating(response);
  expect((await server.send(path, SUPPORT_TOKEN, { headers })).status).toBe(304);
  const rows = { ...noRows(), total: 1, created: 1 };
  await server.keep(foldedImport('mira', { ...ended, mends: first.state.importId, rows }));
  const asked = async () => {
    const answer = await server.send(path, SUPPORT_TOKEN, { headers });
    return answer.status === 200 ? answer.json() : answer.status;
  };
  await eventually(async () => expect(await asked()).toMatchObject({ leftToMend: 1 }));
});

test('only the tokens of its owner, of its channel and of support see an import', async () => {
  const server = await startServer();
  const channelId = server.tokens.newChannelId();
  const mine = foldedImport('mira', { channelId });
  await server.keep(mine);
  const ask = async (token?: string) => {
    const response = await server.send(`/imports/${mine.state.importId}`, token);
    return [response.status, ((await response.json()) as { code?: string }).code];
  };
  for (const token of [
    await server.issueToken('mira'),
    await server.issueToken('noor', channelId),
    SUPPORT_TOKEN,
  ])
    expect(await ask(token)).toEqual([200, undefined]);
  expect(await ask(await server.issueToken('noor'))).toEqual([404, 'not_found']);
  expect(await ask()).toEqual([401, 'token_missing']);
  expect(await ask('nonsense')).toEqual([401, 'token_invalid']);
});

test('a malformed id and the id of no import get the same answer', async () => {
  const server = await startServer();
  const old = '0198c0de-0000-7000-8000-000000000001';
  const answers = await Promise.all(
    [old, 'x', uuidv7({ msecs: 0 })].map(async (id) => {
      const response = await server.send(`/imports/${id}`, SUPPORT_TOKEN);
      return [response.status, await response.json()];
    }),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject([404, { code: 'not_found' }]);
});

test('an answer that may wait comes once the import has ended', async () => {
  const server = await startServer();
  const running = foldedImport('mira');
  await server.keep(running);
  const answer = server.send(`/imports/${running.state.importId}`, SUPPORT_TOKEN, {
    headers: { Prefer: 'wait=60' },
  });
  await server.keep({ ...running, state: { ...running.state, version: 2 } });
  await server.keep({ ...running, state: { ...running.state, ...ended } });
  const response = await answer;
  expect(response.headers.get('Preference-Applied')).toBe('wait=60');
  expect(((await response.json()) as ImportState).status).toBe('completed');
});

test('an answer that has waited long enough tells the import as it is', async () => {
  const server = await startServer();
  const running = foldedImport('mira');
  await server.keep(running);
  const response = await server.send(`/imports/${running.state.importId}`, SUPPORT_TOKEN, {
    headers: { Prefer: 'wait=1' },
  });
  expect(await response.json()).toMatchObject({ status: 'importing' });
  expect(response.headers.get('Preference-Applied')).toBe('wait=1');
  expect(response.headers.get('Retry-After')).not.toBeNull();
});

/** Tells which answers are held. */
class WatchedAnswers extends HeldAnswers {
  readonly signals: AbortSignal[] = [];

  override hold<Found>(...[request, response, wait]: Parameters<typeof HeldAnswers.prototype.hold<Found>>) {
    return super.hold(request, response, (milliseconds, signal) => {
      this.signals.push(signal);
      return wait(milliseconds, signal);
    });
  }
}

test('above the answers that may be held an answer comes at once, until the client of a held one has gone', async () => {
  const held = new WatchedAnswers(1);
  const server = await startServer(held);
  const running = foldedImport('mira');
  await server.keep(running);
  const path = `/imports/${running.state.importId}`;
  const ask = (seconds: number, signal?: AbortSignal) =>
    server.send(path, SUPPORT_TOKEN, { headers: { Prefer: `wait=${seconds}` }, signal });
  const leaving = new AbortController();
  const first = ask(60, leaving.signal);
  first.catch(() => undefined);
  await eventually(() => expect(held.signals).toHaveLength(1));
  const second = await ask(60);
  expect(await second.json()).toMatchObject({ status: 'importing' });
  expect(second.headers.get('Preference-Applied')).toBeNull();
  leaving.abort();
  await expect(first).rejects.toThrow();
  await eventually(() => expect(held.signals[0]?.aborted).toBe(true));
  await eventually(async () => expect((await ask(1)).headers.get('Preference-Applied')).toBe('wait=1'));
});
