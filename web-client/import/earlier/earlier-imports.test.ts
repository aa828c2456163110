import { ProblemError } from '@tidings/client/index.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { endedState, FIXTURE_TIME, importState } from '../../test/sample-states.ts';
import { createEarlierImports, PAGE_IMPORTS } from './earlier-imports.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: FIXTURE_TIME });
});
afterEach(() => {
  vi.useRealTimers();
});

const importOf = (number: number, changes: Partial<ImportState> = {}): ImportState =>
  endedState({
    importId: `import-${String(number).padStart(3, '0')}`,
    acceptedAt: new Date(FIXTURE_TIME + number * 1_000).toISOString(),
    ...changes,
  });
const numbersOf = (states: readonly ImportState[]) =>
  states.map(({ importId }) => Number(importId.slice(-3)));
const networkError = () => new ProblemError({ status: 0, code: 'network', detail: '', retriable: true });

/** A server with these imports, which the test changes. */
function startList(count: number) {
  const server = {
    imports: Array.from({ length: count }, (_, index) => importOf(index)),
    error: null as Error | null,
    requests: [] as string[],
    isLookedAt: true,
    noted: 0,
  };
  const answer = async <Answer>(request: string, find: () => Answer): Promise<Answer> => {
    server.requests.push(request);
    await Promise.resolve();
    if (server.error !== null) throw server.error;
    return find();
  };
  const list = createEarlierImports(
    {
      list: ({ cursor, limit }) =>
        answer(cursor === undefined ? 'newest' : `before ${cursor}`, () => {
          const newest = [...server.imports].reverse();
          const from = cursor === undefined ? 0 : newest.findIndex(({ importId }) => importId === cursor) + 1;
          const items = newest.slice(from, from + limit);
          const isWhole = from + limit >= newest.length;
          return { items, nextCursor: isWhole ? null : (items.at(-1)?.importId ?? null) };
        }),
      get: (importId) =>
        answer(`get ${importId}`, () => {
          const found = server.imports.find((state) => state.importId === importId);
          if (found === undefined) throw new Error('the test asks for what there is');
          return found;
        }),
    },
    { onStates: (states) => (server.noted = states.length), isLookedAt: () => server.isLookedAt },
  );
  onTestFinished(list.close);
  list.refresh();
  return { server, list, view: () => list.view.peek() };
}

const later = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('the earlier imports', () => {
  it('are all of the owner’s, page after page, each once', async () => {
    const { server, list, view } = startList(50);
    expect(view()).toMatchObject({ isAsking: true, answeredAt: null });
    await later(0);
    expect(view()).toMatchObject({ isAsking: false, answeredAt: FIXTURE_TIME });
    expect(view().imports.length).toBe(PAGE_IMPORTS);
    expect(server.noted).toBe(PAGE_IMPORTS);
    await list.more();
    await list.more();
    await list.more();
    expect(numbersOf(view().imports)).toEqual(Array.from({ length: 50 }, (_, index) => 49 - index));
    expect(view().nextCursor).toBeNull();
    expect(server.requests.length).toBe(3);
  });

  it('are asked for every few seconds while one runs, else seldom, and never while nobody looks', async () => {
    const { server, list, view } = startList(3);
    server.imports[1] = importOf(1, {
      ...importState(),
      importId: 'import-001',
      acceptedAt: importOf(1).acceptedAt,
    });
    await later(0);
    await later(12_100);
    expect(server.requests.length).toBe(4);
    server.imports[1] = importOf(1);
    await later(4_000);
    expect(view().imports[1]?.status).toBe('completed_with_errors');
    expect(server.requests.length).toBe(5);
    await later(19_000);
    expect(server.requests.length).toBe(5);
    server.isLookedAt = false;
    await later(600_000);
    expect(server.requests.length).toBe(5);
    server.isLookedAt = true;
    list.refresh();
    await later(0);
    expect(server.requests.length).toBe(6);
  });

  it('keep what was loaded of older pages, with what became of those that ran, and lose what was erased', async () => {
    const { server, list, view } = startList(30);
    server.imports[2] = importOf(2, {
      ...importState(),
      importId: 'import-002',
      acceptedAt: importOf(2).acceptedAt,
    });
    await later(0);
    await list.more();
    server.imports[2] = importOf(2);
    server.imports.splice(25, 1);
    server.imports.push(importOf(30));
    await later(5_000);
    expect(server.requests).toContain('get import-002');
    expect(view().imports.at(-3)?.status).toBe('completed_with_errors');
    const expected = Array.from({ length: 31 }, (_, index) => 30 - index).filter((number) => number !== 25);
    expect(numbersOf(view().imports)).toEqual(expected);
  });

  it('begin anew where more came than a page holds, so that none is missing between two pages', async () => {
    const { server, list, view } = startList(30);
    await later(0);
    await list.more();
    for (let number = 30; number < 60; number += 1) server.imports.push(importOf(number));
    await later(21_000);
    expect(numbersOf(view().imports)).toEqual(Array.from({ length: PAGE_IMPORTS }, (_, index) => 59 - index));
    await list.more();
    await list.more();
    expect(view().imports.length).toBe(60);
  });

  it('stay through an outage, which is told, and are told anew once it is over', async () => {
    const { server, list, view } = startList(3);
    await later(0);
    server.error = networkError();
    await later(21_000);
    expect(view()).toMatchObject({ answeredAt: FIXTURE_TIME, problem: { code: 'network', retriable: true } });
    expect(view().imports.length).toBe(3);
    server.error = null;
    server.imports.push(importOf(3));
    list.refresh();
    await later(0);
    expect(view().problem).toBeNull();
    expect(numbersOf(view().imports)).toEqual([3, 2, 1, 0]);
  });

  it('are asked for by themselves until there is a first answer', async () => {
    const { server, view } = startList(1);
    server.error = networkError();
    await later(2_000);
    expect(view()).toMatchObject({ isAsking: false, answeredAt: null, problem: { code: 'network' } });
    server.error = null;
    await later(60_000);
    expect(view().imports.length).toBe(1);
  });

  it('are nobody’s where people sign in and this page has no token', async () => {
    const { server, view } = startList(1);
    server.error = new ProblemError({ code: 'token_missing', detail: '', status: 401, retriable: false });
    await later(60_000);
    expect(view()).toMatchObject({ isAsking: false, answeredAt: null, problem: null });
    expect(server.requests.length).toBe(1);
  });

  it('are asked for once more where that is wanted while an answer is on its way', async () => {
    const { server, list } = startList(1);
    list.refresh();
    list.refresh();
    await later(1_100);
    expect(server.requests.length).toBe(2);
  });
});
