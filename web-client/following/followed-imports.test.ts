import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { announcement } from '../shell/announcer.ts';
import { createStorage, stubBrowser } from '../test/browser.ts';
import { endedState, importState } from '../test/sample-states.ts';
import { startServices, type TestServices } from '../test/services.ts';
import { problem } from '../test/stub-api.ts';
import type { FollowOptions } from './followed-import.ts';
import { createFollowedImports, type FollowedImports } from './followed-imports.ts';
import { isSentAgain } from './import-view.ts';
import type { SentImport } from './sent-import.ts';

const importId = '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e91';
const DAY_MS = 24 * 60 * 60 * 1000;
const route = `GET /imports/${importId}`;

const undoing = { reversed: 0, kept: 0, failed: 0, endedAt: null };
function csvFile(): File {
  return new File(['email\nada@example.org\n'], 'spring.csv');
}

interface Page {
  readonly services: TestServices;
  readonly storage: ReturnType<typeof createStorage>;
  readonly imports: FollowedImports;
  /** The page after a reload: only what the browser keeps is left. */
  reload(): FollowedImports;
}

async function openPage({
  quietMs = 60_000,
  patienceMs,
}: Pick<FollowOptions, 'quietMs' | 'patienceMs'> = {}): Promise<Page> {
  stubBrowser();
  const services = await startServices();
  services.api.answer('POST /imports', () => ({ status: 202, body: { importId } }));
  const storage = createStorage();
  const create = (): FollowedImports => {
    const pageEnd = new AbortController();
    const imports = createFollowedImports({
      ...services.address,
      storage,
      quietMs,
      patienceMs,
      pageEnd: pageEnd.signal,
    });
    onTestFinished(() => {
      pageEnd.abort();
      for (const sent of imports.unsent.peek()) sent.close();
      imports.readRecent();
      for (const { importId: id } of imports.recent.peek()) imports.find(id)?.close();
    });
    return imports;
  };
  return { services, storage, imports: create(), reload: create };
}

const uploadInProgress = {
  status: 409,
  body: { code: 'upload_in_progress', detail: 'The test says so.', retriable: true },
  headers: { 'Retry-After': '0' },
};

/** Starts an import, and waits until it has its id. */
async function startKnown({ imports }: Page, file = csvFile()): Promise<SentImport> {
  const known: string[] = [];
  imports.start(file, (id) => known.push(id));
  const started = imports.shownUnsent.peek();
  if (started === null) throw new Error('nothing is shown');
  await eventually(() => expect(known).toEqual([importId]));
  return started;
}

function channelOf({ imports }: Page): string {
  return imports.recent.peek()[0]?.channelId ?? '';
}

function stateOf(changes: Partial<ImportState> = {}): ImportState {
  return importState({ importId, ...changes });
}

describe('an import that this tab sends', () => {
  it('goes to its own channel, and is remembered and shown under its id', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let answerUpload = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answerUpload = resolve;
    });
    services.api.answer('POST /imports', async () => {
      await answered;
      return { status: 202, body: { importId } };
    });
    imports.start(csvFile(), () => undefined);
    expect(imports.isSending.value).toBe(true);
    await eventually(() => expect(services.api.count('POST /imports')).toBe(1));
    expect(imports.unsent.peek()[0]?.view.peek().upload?.phase).toBe('sending');
    answerUpload();
    await eventually(() =>
      expect(imports.recent.peek()).toMatchObject([{ importId, fileName: 'spring.csv' }]),
    );
    const { channelId, token } = imports.recent.peek()[0] ?? {};
    expect(services.api.requests[0]).toMatchObject({ authorization: `Bearer ${token}` });
    expect(services.api.requests[0]?.body).toMatch(
      new RegExp(`channelId[^]*${channelId}[^]*ada@example.org`),
    );
    expect(imports.unsent.peek()).toEqual([]);
    expect(imports.isSending.value).toBe(false);
    expect(imports.find(importId)?.view.peek()).toMatchObject({ importId, upload: { phase: 'sent' } });
  });

  it('shows what its channel tells, up to the comparison of the sums, without asking the API', async () => {
    const page = await openPage();
    const { imports, services } = page;
    const sent = await startKnown(page);
    const ended = endedState({ importId, reconciled: null });
    await services.tell(channelOf(page), ['import.accepted', stateOf({ version: 1 })]);
    await eventually(() => expect(sent.view.peek().state?.version).toBe(1));
    await services.tell(channelOf(page), ['import.completed_with_errors', ended]);
    await eventually(() => expect(sent.view.peek().state).toEqual(ended));
    expect(imports.recent.peek()).toMatchObject([{ status: 'completed_with_errors', rows: 20_000 }]);
    expect(announcement.peek()).toMatch(/^Rows to fix\. 16,400 created/);
    const compared = { ...ended, version: ended.version + 1, reconciled: true };
    await services.tell(channelOf(page), ['import.reconciled', compared]);
    await eventually(() => expect(sent.view.peek().state?.reconciled).toBe(true));
    expect(services.api.count(route)).toBe(0);
  });

  it('is shown by nobody but its start once the reader has gone elsewhere', async () => {
    const { imports } = await openPage();
    const known: string[] = [];
    imports.start(csvFile(), (id) => known.push(id));
    imports.shownUnsent.value = null;
    await eventually(() => expect(imports.recent.peek()).toHaveLength(1));
    expect(known).toEqual([]);
    expect(imports.find(importId)).not.toBeNull();
  });

  it('that the server refuses says why, and stays among those without an id', async () => {
    const { imports, services } = await openPage();
    services.api.answer('POST /imports', () => problem(400, 'no_email_column', 'Name one column “email”.'));
    imports.start(csvFile(), () => undefined);
    const [sent] = imports.unsent.peek();
    await eventually(() =>
      expect(sent?.view.peek().problem).toMatchObject({
        code: 'no_email_column',
        title: 'The file has no e-mail column',
        detail: 'Name one column “email”.',
      }),
    );
    expect(sent?.view.peek().upload?.phase).toBe('broken');
    expect(imports.unsent.peek()).toEqual([sent]);
    expect(imports.isSending.value).toBe(false);
    expect(imports.recent.peek()).toEqual([]);
  });

  it('starts again from its first byte where the server receives too many uploads', async () => {
    const page = await openPage();
    const { imports, services } = page;
    const phases: (string | undefined)[] = [];
    services.api.answer('POST /imports', () => {
      phases.push(imports.unsent.peek()[0]?.view.peek().upload?.phase);
      return services.api.count('POST /imports') === 1
        ? { ...problem(429, 'rate_limited'), headers: { 'Retry-After': '0' } }
        : { status: 202, body: { importId } };
    });
    await startKnown(page);
    // Node.js does not tell when bytes leave, so the second attempt still waits when it arrives.
    expect(phases).toEqual(['sending', 'opening']);
  });

  it('that breaks off is sent again by itself, as the same import, while its rows are taken back', async () => {
    const page = await openPage();
    const { imports, services } = page;
    const keys: (string | undefined)[] = [];
    const aborted = endedState({ importId, status: 'failed', upload: 'aborted', undo: undoing });
    services.api.answer('POST /imports', async ({ body, idempotencyKey }) => {
      keys.push(idempotencyKey);
      if (keys.length > 1) return { status: 202, body: { importId } };
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await services.tell(channelId, ['import.accepted', stateOf({ version: 1, upload: 'receiving' })]);
      await eventually(() => expect(imports.recent.peek()).toHaveLength(1));
      return 'broken' as const;
    });
    const sent = await startKnown(page);
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('retrying'));
    expect(announcement.peek()).toMatch(/^The upload broke off. It is sent again by itself/);
    expect(imports.isSending.value).toBe(true);
    await services.tell(channelOf(page), ['import.failed', aborted]);
    await eventually(() => expect(sent.view.peek().state).toEqual(aborted));
    expect(announcement.peek()).toBe(
      'Broken off: 17,300 rows had been added or had changed contacts and are being taken back.',
    );
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('sent'));
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0], 'no other import has it').toBe(channelOf(page));
    expect(sent.view.peek().problem).toBeNull();
    imports.leave(importId);
    expect(imports.find(importId)?.sendAgain, 'the file may be sent again').toBe(sent.sendAgain);
  });

  // It was once sent as an import of its own, which counted rows as known that the undo of the first one then removed.
  it('that is sent again by the reader while its rows are taken back is the same import, and waits until they are', async () => {
    const page = await openPage({ patienceMs: 10_000 });
    const { imports, services } = page;
    const broken = stateOf({ version: 4, status: 'failed', upload: 'aborted', undo: undoing });
    let [attempts, isTakenBack] = [0, false];
    services.api.answer('POST /imports', async ({ body }) => {
      attempts += 1;
      if (attempts === 1) {
        const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
        await services.tell(channelId, ['import.failed', broken]);
        return { ...problem(503, 'unavailable'), headers: { 'Retry-After': '60' } };
      }
      return isTakenBack ? { status: 202, body: { importId } } : uploadInProgress;
    });
    imports.start(csvFile(), () => undefined);
    const [sent] = imports.unsent.peek();
    if (sent === undefined) throw new Error('nothing is sent');
    await eventually(() =>
      expect(sent.view.peek()).toMatchObject({ upload: { phase: 'broken' }, state: broken }),
    );
    expect(imports.isSending.value).toBe(false);
    sent.sendAgain();
    expect(imports.isSending.value, 'the page is needed').toBe(true);
    await eventually(() => expect(attempts).toBeGreaterThan(2));
    const view = sent.view.peek();
    expect(view.problem).toBeNull();
    expect(isSentAgain(view)).toBe(true);
    sent.sendAgain();
    isTakenBack = true;
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('sent'));
    const keys = services.api.requests
      .filter(({ route }) => route === 'POST /imports')
      .map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(attempts);
    expect(imports.recent.peek()).toMatchObject([{ importId }]);
    expect(imports.unsent.peek()).toEqual([]);
  });

  it('whose answer was lost after the last byte is not sent again', async () => {
    const page = await openPage();
    const { imports, services } = page;
    services.api.answer('POST /imports', async ({ body }) => {
      const channelId = /name="channelId"\s+(\S+)/.exec(body)?.[1] ?? '';
      await services.tell(channelId, ['import.sealed', stateOf({ version: 2 })]);
      await eventually(() => expect(imports.recent.peek()).toHaveLength(1));
      return { ...problem(503, 'unavailable'), headers: { 'Retry-After': '0' } };
    });
    const sent = await startKnown(page);
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('sent'));
    await services.tell(channelOf(page), ['import.completed_with_errors', endedState({ importId })]);
    await eventually(() => expect(sent.view.peek().state?.status).toBe('completed_with_errors'));
    expect(sent.view.peek().problem).toBeNull();
    expect(imports.isSending.value).toBe(false);
    expect(services.api.count('POST /imports')).toBe(1);
  });

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
    expect(announcement.peek()).toBe('Cancelling the import.');
  });

  it('of a file that cannot be read any more blames the file, not the network', async () => {
    const { imports, services } = await openPage();
    services.api.answer('POST /imports', () => 'broken');
    const file = csvFile();
    file.slice = () => {
      throw new DOMException('gone', 'NotFoundError');
    };
    imports.start(file, () => undefined);
    await eventually(() => expect(imports.unsent.peek()[0]?.view.peek().problem?.code).toBe('unreadable'));
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
    expect(announcement.peek()).toBe('Cancelling the import.');
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
    expect(announcement.peek()).toMatch(/^The server does not answer, so this import may still run/);
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
    expect(announcement.peek()).toBe('The import is being taken back.');
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
    expect(announcement.peek()).toBe('Waits for the database, which does not answer.');
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
