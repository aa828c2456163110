import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { supportToken } from '@tidings/testing/services/hub.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stubBrowser } from '../../test/browser.ts';
import { endedState, importState } from '../../test/sample-states.ts';
import { startServices, type TestServices } from '../../test/services.ts';
import { problem } from '../../test/stub-api.ts';
import { type AllImports, followAllImports } from './all-imports.ts';
import { supportTotals } from './import-table.ts';
import { readQuery } from './list-query.ts';

function follow({ address }: TestServices, token = supportToken, quietMs = 60_000): AllImports {
  const all = followAllImports(token, address, quietMs);
  onTestFinished(() => all.close());
  return all;
}

function versionsOf(all: AllImports): Record<string, number> {
  return Object.fromEntries([...all.table.peek()].map(([id, { state }]) => [id, state.version]));
}

async function startListed(): Promise<TestServices> {
  stubBrowser();
  const services = await startServices();
  services.api.answer('GET /imports', ({ query }) =>
    query.get('status')?.includes('importing') === true
      ? { status: 200, body: { items: [], nextCursor: null } }
      : query.get('cursor') === null
        ? { status: 200, body: { items: [endedState({ importId: 'b' })], nextCursor: 'older' } }
        : { status: 200, body: { items: [endedState({ importId: 'a' })], nextCursor: null } },
  );
  return services;
}

describe('all imports', () => {
  it('are those of the list and those that support’s channel tells, each at its newest', async () => {
    const services = await startListed();
    await services.tell(SUPPORT_CHANNEL, ['import.accepted', importState({ importId: 'c', version: 1 })]);
    const all = follow(services);
    expect(all.loaded.peek()).toBe(false);
    await eventually(() => expect(versionsOf(all)).toEqual({ b: 20, c: 1 }));
    expect(all.loaded.peek()).toBe(true);
    expect(all.connection.peek().kind).toBe('live');
    expect(services.api.requests[0]).toMatchObject({ authorization: `Bearer ${supportToken}` });
    await services.tell(
      SUPPORT_CHANNEL,
      ['import.reconciled', endedState({ importId: 'b', version: 21 })],
      ['import.sealed', importState({ importId: 'c', version: 2 })],
    );
    await eventually(() => expect(versionsOf(all)).toEqual({ b: 21, c: 2 }));
  });

  it('are loaded page by page', async () => {
    const all = follow(await startListed());
    await eventually(() => expect(all.hasOlder.peek()).toBe(true));
    await all.loadOlder();
    await eventually(() => expect(versionsOf(all)).toEqual({ a: 20, b: 20 }));
    expect(all.hasOlder.peek()).toBe(false);
  });

  it('are asked for by the query, which the server answers, and with it those that run, however old they are', async () => {
    const services = await startListed();
    const all = follow(services);
    await eventually(() => expect(all.loaded.peek()).toBe(true));
    expect(all.answered.peek()).toEqual(readQuery(''));
    services.api.answer('GET /imports', ({ query }) => ({
      status: 200,
      body: {
        items: [importState({ importId: query.get('status') === 'failed' ? 'asked' : 'old-and-running' })],
        nextCursor: null,
      },
    }));
    const before = services.api.requests.length;
    const query = readQuery('?status=failed&q=spring&owner=mira');
    all.ask(query);
    expect(all.answered.peek()).not.toBe(query);
    await eventually(() => expect(versionsOf(all)).toEqual({ b: 20, asked: 10, 'old-and-running': 10 }));
    const asked = services.api.requests.slice(before).map(({ query }) => Object.fromEntries(query));
    expect(asked).toMatchObject([
      { status: 'failed', q: 'spring', owner: 'mira', limit: '100' },
      { status: 'accepted,importing,cancelling,undoing', q: 'spring', owner: 'mira', limit: '500' },
    ]);
    expect(all.hasOlder.peek()).toBe(false);
    expect(all.answered.peek()).toBe(query);
  });

  // While no importer ran, or PostgreSQL was away, the page went on showing the last pace as if rows still came.
  it('are asked for while nothing is told of those that run: then the page knows what they wait for', async () => {
    const services = await startListed();
    const waiting = importState({ importId: 'c', waitingFor: { reason: 'importer', text: 'no importer' } });
    let items = [importState({ importId: 'c' })];
    services.api.answer('GET /imports', () => ({ status: 200, body: { items, nextCursor: null } }));
    const all = follow(services, supportToken, 50);
    const waitingOf = () => all.table.peek().get('c')?.state.waitingFor;
    await eventually(() => expect(waitingOf()).toBeNull());
    expect(supportTotals(all.table.peek(), Date.now()).rowsPerSecond).toBeGreaterThan(0);
    items = [waiting];
    await eventually(() => expect(waitingOf()).toEqual(waiting.waitingFor));
    expect(supportTotals(all.table.peek(), Date.now()).rowsPerSecond).toBe(0);
  });

  // Support went on to see rows to fix where the owner had mended them all.
  it('are asked for again where one that mends them has ended, and so are those that they mend', async () => {
    const services = await startListed();
    const ids = { first: 'first', again: 'again', last: 'last' };
    const first = endedState({ importId: ids.first, leftToMend: 2 });
    const again = endedState({ importId: ids.again, mends: ids.first, leftToMend: 1 });
    services.api.answer('GET /imports', () => ({
      status: 200,
      body: { items: [first, again], nextCursor: null },
    }));
    services.api.answer(`GET /imports/${ids.first}`, () => ({
      status: 200,
      body: { ...first, leftToMend: 0 },
    }));
    services.api.answer(`GET /imports/${ids.again}`, () => ({
      status: 200,
      body: { ...again, leftToMend: 0 },
    }));
    services.api.answer('GET /imports/unlisted', () => ({
      status: 200,
      body: endedState({ importId: 'unlisted', leftToMend: 0 }),
    }));
    const all = follow(services);
    await eventually(() => expect(all.loaded.peek()).toBe(true));
    const unlisted = endedState({ importId: 'x', status: 'completed', mends: 'unlisted' });
    const last = endedState({ importId: ids.last, status: 'completed', mends: ids.again });
    await services.tell(
      SUPPORT_CHANNEL,
      ['import.completed', unlisted],
      ['import.progress', { ...last, status: 'importing' }],
      ['import.completed', last],
    );
    const leftOf = (id: string) => all.table.peek().get(id)?.state.leftToMend;
    await eventually(() => expect([leftOf(ids.again), leftOf(ids.first)]).toEqual([0, 0]));
    expect(all.table.peek().has('unlisted')).toBe(false);
  });

  it('are refused where the token is not support’s', async () => {
    const all = follow(await startListed(), 'a-wrong-token');
    await eventually(() => expect(all.connection.peek().kind).toBe('refused'));
    expect(all.problem.peek()).toMatchObject({ title: 'This support session has ended' });
  });

  it('are a problem while the list cannot be read, and none once it can', async () => {
    const services = await startListed();
    let isAway = true;
    services.api.answer('GET /imports', () =>
      isAway ? problem(503, 'unavailable') : { status: 200, body: { items: [], nextCursor: null } },
    );
    const all = follow(services);
    await eventually(() => expect(all.problem.peek()?.code).toBe('unavailable'));
    isAway = false;
    await all.loadOlder();
    expect(all.problem.peek()).toBeNull();
    expect(all.loaded.peek()).toBe(true);
  });

  it('are asked for again until the list can be read, without the reader', async () => {
    const services = await startListed();
    services.api.answer('GET /imports', () =>
      services.api.count('GET /imports') === 1
        ? problem(503, 'unavailable')
        : { status: 200, body: { items: [endedState({ importId: 'b' })], nextCursor: null } },
    );
    const all = follow(services);
    await eventually(() => expect(all.problem.peek()?.code).toBe('unavailable'));
    await eventually(() => expect(versionsOf(all)).toEqual({ b: 20 }));
    expect(all.problem.peek()).toBeNull();
    expect(all.loaded.peek()).toBe(true);
  });

  it('reconnect after the hub was away', async () => {
    const services = await startListed();
    const all = follow(services);
    await eventually(() => expect(all.connection.peek().kind).toBe('live'));
    await services.hub.stop();
    await eventually(() => expect(all.connection.peek().kind).toBe('reconnecting'));
  });
});
