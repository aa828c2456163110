import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { announcement } from '../../shell/frame/announcer.ts';
import { createStorage } from '../../test/browser.ts';
import {
  channelOf,
  importId,
  openPage,
  route,
  startKnown,
  stateOf,
  undoing,
} from '../../test/followed-page.ts';
import { endedState, importState } from '../../test/sample-states.ts';
import { problem } from '../../test/stub-api.ts';
import { shownFile } from '../shown/shown-file.ts';
import { createFollowedImports } from './followed-imports.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('an import that has an id', () => {
  it('is taken back, and tells how that ends', async () => {
    const page = await openPage();
    const { services } = page;
    const sent = await startKnown(page);
    const state = endedState({ importId, version: 30, status: 'undoing', undo: undoing });
    services.api.answer(`POST /imports/${importId}/undo`, () => ({ status: 202, body: state }));
    await services.tell(channelOf(page), ['import.completed_with_errors', endedState({ importId })]);
    await eventually(() => expect(sent.view.peek().state?.status).toBe('completed_with_errors'));
    await sent.actions.takeBack();
    expect(sent.view.peek().state).toEqual(state);
    // Somebody who has two imports running, or has gone on to the contacts, heard what happened and not to which.
    expect(announcement.peek()).toBe('spring-fair-visitors.csv: The import is being taken back.');
    shownFile.value = 'spring-fair-visitors.csv';
    onTestFinished(() => {
      shownFile.value = null;
    });
    const undo = { reversed: 17_288, kept: 12, failed: 0, endedAt: state.endedAt };
    await services.tell(channelOf(page), [
      'import.undone',
      endedState({ importId, version: 31, status: 'undone', undo }),
    ]);
    await eventually(() => expect(announcement.peek()).toBe('17,288 contacts were taken back, 12 kept.'));
  });

  it('shows what it is by now where it is further than the page knew, and passes other refusals on', async () => {
    const page = await openPage();
    const { services } = page;
    const sent = await startKnown(page);
    services.api.answer(`POST /imports/${importId}/cancel`, () => problem(409, 'state_conflict'));
    services.api.answer(route, () => ({ status: 200, body: endedState({ importId }) }));
    await sent.actions.cancel();
    expect(sent.view.peek().state?.status).toBe('completed_with_errors');
    services.api.answer(`POST /imports/${importId}/retry`, () => problem(503, 'unavailable'));
    await expect(sent.actions.retryFailed()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('asks what it waits for while its channel tells nothing', async () => {
    const page = await openPage({ quietMs: 50 });
    const { services } = page;
    const running = stateOf({ version: 3 });
    const waiting = stateOf({ version: 3, waitingFor: { reason: 'database', text: 'database' } });
    services.api.answer(route, () => ({ status: 200, body: waiting }));
    const sent = await startKnown(page);
    await services.tell(channelOf(page), ['import.progress', running]);
    await eventually(() => expect(sent.view.peek().state?.waitingFor?.reason).toBe('database'));
    expect(announcement.peek()).toBe(
      'spring-fair-visitors.csv: Waits for the database, which does not answer.',
    );
  });
});

describe('an import that this browser remembers', () => {
  it('is found after a reload, with all that its channel has told', async () => {
    const page = await openPage();
    const before = await startKnown(page);
    const compared = endedState({ importId, version: 21, reconciled: true });
    await page.services.tell(
      channelOf(page),
      ['import.completed_with_errors', endedState({ importId, reconciled: null })],
      ['import.reconciled', compared],
    );
    await eventually(() => expect(before.view.peek().state?.reconciled).toBe(true));
    const found = page.reload().find(importId);
    await eventually(() => expect(found?.view.peek().state).toEqual(compared));
    expect(found?.view.peek()).toMatchObject({ fileName: compared.fileName, upload: null });
    expect(found?.sendAgain).toBeNull();
    expect(page.services.api.count(route)).toBe(0);
  });

  it('is asked of the API where its channel’s history has forgotten it', async () => {
    const page = await openPage();
    await startKnown(page);
    const state = endedState({ importId });
    page.services.api.answer(route, () => ({ status: 200, body: state }));
    const found = page.reload().find(importId);
    await eventually(() => expect(found?.view.peek().state).toEqual(state));
  });

  it('is asked of the API again where that was away, and is a problem no more once it answers', async () => {
    const page = await openPage({ quietMs: 20 });
    await startKnown(page);
    const state = endedState({ importId });
    let isAway = true;
    page.services.api.answer(route, () =>
      isAway ? problem(503, 'unavailable') : { status: 200, body: state },
    );
    const found = page.reload().find(importId);
    await eventually(() => expect(found?.view.peek().problem?.code).toBe('unavailable'));
    isAway = false;
    await eventually(() => expect(found?.view.peek()).toMatchObject({ state, problem: null }));
  });

  it('is a problem where the API knows it no more', async () => {
    const page = await openPage();
    await startKnown(page);
    const found = page.reload().find(importId);
    await eventually(() => expect(found?.view.peek().problem?.code).toBe('not_found'));
  });

  it('is a problem of its token where that does not open the channel any more', async () => {
    const page = await openPage();
    await startKnown(page);
    const [entry] = JSON.parse(page.storage.getItem('tidings.imports') ?? '[]') as { token: string }[];
    page.storage.setItem('tidings.imports', JSON.stringify([{ ...entry, token: 'a.b.c' }]));
    const found = page.reload().find(importId);
    await eventually(() =>
      expect(found?.view.peek().problem?.title).toBe('This import cannot be watched from here'),
    );
  });

  it('is followed once, and no more once it has ended and the page has left it', async () => {
    const page = await openPage();
    await startKnown(page);
    const imports = page.reload();
    const found = imports.find(importId);
    expect(imports.find(importId)).toBe(found);
    imports.leave(importId);
    expect(imports.find(importId), 'it has not ended').toBe(found);
    await page.services.tell(channelOf(page), [
      'import.completed',
      endedState({ importId, status: 'completed' }),
    ]);
    await eventually(() => expect(found?.view.peek().state?.status).toBe('completed'));
    imports.leave(importId);
    expect(imports.find(importId)).not.toBe(found);
  });

  it('belongs to another browser where this one has no token for it', async () => {
    const { imports } = await openPage();
    expect(imports.find(importId)).toBeNull();
    expect(imports.newestToken()).toBeNull();
  });

  it('of another browser is found once its channel’s token is remembered, with the newest of what is told', async () => {
    const page = await openPage();
    await startKnown(page);
    const { channelId = '', token = '' } = page.imports.newestToken() ?? {};
    const other = createFollowedImports({ ...page.services.address, storage: createStorage() });
    const old = importState({
      importId,
      channelId,
      acceptedAt: new Date(Date.now() - 20 * DAY_MS).toISOString(),
    });
    other.remember(old, { channelId, token });
    other.note([endedState({ importId, status: 'completed' })]);
    expect(other.recent.peek()).toMatchObject([{ importId, status: 'completed' }]);
    const found = other.find(importId);
    onTestFinished(() => found?.close());
    await eventually(() => expect(found?.view.peek().connection.kind).toBe('live'));
  });
});
