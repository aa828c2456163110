/** An import that is cancelled or given up by the tab that sends it. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it } from 'vitest';
import { announcement } from '../../shell/frame/announcer.ts';
import { csvFile, importId, openPage, startKnown, stateOf } from '../../test/followed-page.ts';
import { endedState } from '../../test/sample-states.ts';
import { problem } from '../../test/stub-api.ts';

describe('an import that this tab sends', () => {
  it('that is cancelled while its file is on the way is cut off, and says so without a problem', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let isCutOff = false;
    services.api.answer('POST /imports', async ({ body, closed }) => {
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await services.tell(channelId, ['import.accepted', stateOf({ version: 1, upload: 'receiving' })]);
      await closed;
      isCutOff = true;
      return 'broken' as const;
    });
    const cancelling = stateOf({ version: 2, status: 'cancelling', upload: 'receiving' });
    services.api.answer(`POST /imports/${importId}/cancel`, () => ({ status: 202, body: cancelling }));
    const sent = await startKnown(page);
    await sent.actions.cancel();
    expect(sent.view.peek()).toMatchObject({ state: cancelling, upload: { phase: 'broken' }, problem: null });
    await eventually(() => expect(isCutOff).toBe(true));
    expect(imports.isSending.value).toBe(false);
    expect(services.api.count('POST /imports')).toBe(1);
    expect(announcement.peek()).toBe('spring-fair-visitors.csv: Cancelling the import.');
  });

  it('can be given up while nothing of it was sent', async () => {
    const { imports, services } = await openPage();
    await services.hub.stop();
    imports.start(csvFile(), () => undefined);
    const [waiting] = imports.unsent.peek();
    if (waiting === undefined) throw new Error('nothing waits');
    imports.giveUp(waiting);
    expect(imports.unsent.peek()).toEqual([]);
    expect(imports.shownUnsent.peek()).toBeNull();
    expect(imports.isSending.value).toBe(false);
    expect(announcement.peek()).toBe('spring.csv will not be imported. Nothing of it was sent.');
    expect(imports.givenUp.peek()).toEqual({ fileName: 'spring.csv', how: 'not_sent' });
    expect(services.api.requests).toEqual([]);
    imports.forgetGivenUp();
    expect(imports.givenUp.peek()).toBeNull();
  });

  // There was once no way to stop an upload before the services had named its import.
  it('that is given up in its first moment is cut off, and cancelled when it turns up all the same', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let channelId = '';
    let isCutOff = false;
    services.api.answer('POST /imports', async ({ body, closed }) => {
      channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await closed;
      isCutOff = true;
      return 'broken' as const;
    });
    let answerList = (): void => undefined;
    const listed = new Promise<void>((resolve) => {
      answerList = resolve;
    });
    services.api.answer('GET /imports', async () => {
      await listed;
      return { status: 200, body: { items: [], nextCursor: null } };
    });
    imports.start(csvFile(), () => undefined);
    const [sent] = imports.unsent.peek();
    if (sent === undefined) throw new Error('nothing is sent');
    await eventually(() => expect(channelId).not.toBe(''));
    expect(sent.view.peek().upload?.phase).toBe('sending');
    imports.giveUp(sent);
    expect(sent.view.peek()).toMatchObject({ cancelWaits: 'asked', upload: { phase: 'broken' } });
    expect(announcement.peek()).toBe('spring.csv: Cancelling the import.');
    expect(imports.isSending.value, 'the page is needed').toBe(true);
    await eventually(() => expect(isCutOff).toBe(true));
    answerList();
    await eventually(() => expect(imports.unsent.peek()).toEqual([]));
    expect(imports.givenUp.peek()).toEqual({ fileName: 'spring.csv', how: 'cut_off' });
    expect(announcement.peek()).toMatch(/^The upload of spring\.csv was cancelled/);
    expect(imports.isSending.value).toBe(false);

    const cancelled = endedState({ importId, status: 'cancelled', upload: 'aborted' });
    services.api.answer(`POST /imports/${importId}/cancel`, () => ({ status: 202, body: cancelled }));
    await services.tell(channelId, ['import.accepted', stateOf({ version: 1, channelId })]);
    await eventually(() => expect(imports.recent.peek()).toMatchObject([{ importId, status: 'cancelled' }]));
    expect(services.api.count('POST /imports')).toBe(1);
  });

  // The page once said "Nothing of it was sent" of a file that the services were importing.
  it('that is given up after a lost answer is cancelled if the services have it', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let received: ImportState | undefined;
    services.api.answer('POST /imports', ({ body }) => {
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      received = stateOf({ channelId });
      return 'broken';
    });
    services.api.answer('GET /imports', () => ({
      status: 200,
      body: { items: [stateOf({ importId: 'another', channelId: 'another' }), received], nextCursor: null },
    }));
    const cancelled = endedState({ importId, status: 'cancelled' });
    services.api.answer(`POST /imports/${importId}/cancel`, () => ({ status: 202, body: cancelled }));
    const known: string[] = [];
    imports.start(csvFile(), (id) => known.push(id));
    const sent = imports.shownUnsent.peek();
    if (sent === null) throw new Error('nothing is shown');
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('retrying'));
    imports.giveUp(sent);
    expect(sent.view.peek()).toMatchObject({ cancelWaits: 'unanswered', upload: { phase: 'broken' } });
    expect(imports.isSending.value).toBe(true);
    expect(announcement.peek()).toMatch(
      /^spring\.csv: The server does not answer, so this import may still run/,
    );
    await eventually(() => expect(sent.view.peek().state).toEqual(cancelled));
    await eventually(() => expect(sent.view.peek().cancelWaits).toBeNull());
    expect(known).toEqual([importId]);
    expect(imports.recent.peek()).toMatchObject([{ importId, status: 'cancelled' }]);
    expect(imports.isSending.value).toBe(false);
    expect(services.api.count('POST /imports')).toBe(1);
  });

  it('that is given up after a lost answer is said to be nothing only once the services say so', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let isAway = true;
    let channelId = '';
    services.api.answer('POST /imports', ({ body }) => {
      channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      return 'broken';
    });
    services.api.answer('GET /imports', () =>
      isAway
        ? { ...problem(503, 'unavailable'), headers: { 'Retry-After': '0' } }
        : { status: 200, body: { items: [], nextCursor: null } },
    );
    imports.start(csvFile(), () => undefined);
    const [sent] = imports.unsent.peek();
    if (sent === undefined) throw new Error('nothing waits');
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('retrying'));
    imports.giveUp(sent);
    await eventually(() => expect(services.api.count('GET /imports')).toBeGreaterThan(1));
    expect(imports.unsent.peek()).toEqual([sent]);
    isAway = false;
    await eventually(() => expect(imports.unsent.peek()).toEqual([]));
    expect(imports.shownUnsent.peek()).toBeNull();
    expect(announcement.peek()).toBe('spring.csv will not be imported. The server has nothing of it.');
    expect(imports.givenUp.peek()).toEqual({ fileName: 'spring.csv', how: 'nothing_received' });

    services.api.answer(`POST /imports/${importId}/cancel`, () => ({
      status: 202,
      body: stateOf({ version: 2, status: 'cancelling' }),
    }));
    await services.tell(channelId, ['import.accepted', stateOf({ version: 1, channelId })]);
    await eventually(() => expect(sent.view.peek().state?.status).toBe('cancelling'));
  });

  it('that is cancelled without an answer sends nothing more, and asks until it is cancelled', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let isCutOff = false;
    services.api.answer('POST /imports', async ({ body, closed }) => {
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await services.tell(channelId, ['import.accepted', stateOf({ version: 1, upload: 'receiving' })]);
      await closed;
      isCutOff = true;
      return 'broken' as const;
    });
    let isAway = true;
    const cancelled = endedState({ importId, status: 'cancelled', upload: 'aborted' });
    services.api.answer(`POST /imports/${importId}/cancel`, () =>
      isAway
        ? { ...problem(503, 'unavailable'), headers: { 'Retry-After': '0' } }
        : { status: 202, body: cancelled },
    );
    const sent = await startKnown(page);
    const asked = sent.actions.cancel();
    await eventually(() => expect(sent.view.peek().cancelWaits).toBe('unanswered'));
    await eventually(() => expect(isCutOff).toBe(true));
    expect(sent.view.peek().upload?.phase).toBe('broken');
    expect(imports.isSending.value, 'the page is needed').toBe(true);
    isAway = false;
    await asked;
    expect(sent.view.peek()).toMatchObject({ state: cancelled, cancelWaits: null, problem: null });
    expect(imports.isSending.value).toBe(false);
    expect(services.api.count('POST /imports')).toBe(1);
  });

  // The page once forgot that the file was stopped, where its connection broke in the moment of the cancel.
  it('that is cancelled while it finds out why its upload broke off is not sent again', async () => {
    const page = await openPage();
    const { services } = page;
    const file = csvFile();
    let told = (): void => undefined;
    const isTold = new Promise<void>((resolve) => {
      told = resolve;
    });
    let isAsked = false;
    services.api.answer('POST /imports', async ({ body }) => {
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await services.tell(channelId, ['import.accepted', stateOf({ version: 1, upload: 'receiving' })]);
      file.slice = () => {
        isAsked = true;
        const first = new Blob();
        first.arrayBuffer = async () => {
          await isTold;
          return new ArrayBuffer(0);
        };
        return first;
      };
      return 'broken' as const;
    });
    services.api.answer(`POST /imports/${importId}/cancel`, () => ({
      ...problem(503, 'unavailable'),
      headers: { 'Retry-After': '60' },
    }));
    const sent = await startKnown(page, file);
    await eventually(() => expect(isAsked).toBe(true));
    void sent.actions.cancel();
    await eventually(() => expect(sent.view.peek().cancelWaits).toBe('unanswered'));
    told();
    await new Promise(setImmediate);
    expect(sent.view.peek().upload?.phase).toBe('broken');
  });

  // The order was once forgotten by a reload, and the import ran on.
  it('that was cancelled without an answer is cancelled after a reload, whichever page is open', async () => {
    const page = await openPage();
    const { services } = page;
    const route = `POST /imports/${importId}/cancel`;
    let isAway = true;
    const cancelled = endedState({ importId, status: 'cancelled', upload: 'aborted' });
    services.api.answer(route, () =>
      isAway
        ? { ...problem(503, 'unavailable'), headers: { 'Retry-After': '60' } }
        : { status: 202, body: cancelled },
    );
    const sent = await startKnown(page);
    void sent.actions.cancel();
    await eventually(() => expect(sent.view.peek().cancelWaits).toBe('unanswered'));
    isAway = false;
    const imports = page.reload();
    expect(imports.isSending.value, 'the page is needed').toBe(true);
    const found = imports.find(importId);
    expect(found?.view.peek().cancelWaits).toBe('unanswered');
    await eventually(() => expect(found?.view.peek()).toMatchObject({ state: cancelled, cancelWaits: null }));
    expect(imports.isSending.value).toBe(false);
    expect(services.api.count(route)).toBe(2);
    const later = page.reload();
    later.readRecent();
    expect(later.recent.peek()).toMatchObject([{ importId, status: 'cancelled', cancelWaits: false }]);
    expect(later.isSending.value).toBe(false);
  });

  it('that cannot be cancelled once the services answer says why', async () => {
    const page = await openPage();
    const { services } = page;
    const sent = await startKnown(page);
    services.api.answer(`POST /imports/${importId}/cancel`, () =>
      services.api.count(`POST /imports/${importId}/cancel`) === 1
        ? { ...problem(503, 'unavailable'), headers: { 'Retry-After': '0' } }
        : problem(404, 'not_found'),
    );
    await sent.actions.cancel();
    expect(sent.view.peek()).toMatchObject({ cancelWaits: null, problem: { code: 'not_found' } });
  });

  it('cannot be given up once it was sent', async () => {
    const page = await openPage();
    const sent = await startKnown(page);
    page.imports.giveUp(sent);
    expect(page.imports.find(importId)).toBe(sent);
    expect(sent.view.peek().upload?.phase).toBe('sent');
  });
});
