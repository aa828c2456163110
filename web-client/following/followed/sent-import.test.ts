import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it } from 'vitest';
import { announcement } from '../../shell/frame/announcer.ts';
import {
  channelOf,
  csvFile,
  importId,
  openPage,
  route,
  startKnown,
  stateOf,
  undoing,
} from '../../test/followed-page.ts';
import { endedState } from '../../test/sample-states.ts';
import { problem } from '../../test/stub-api.ts';
import { isSentAgain } from '../view/import-view.ts';

const uploadInProgress = {
  status: 409,
  body: { code: 'upload_in_progress', detail: 'The test says so.', retriable: true },
  headers: { 'Retry-After': '0' },
};

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
    expect(announcement.peek()).toMatch(/: Rows to fix\. 16,400 created/);
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

  // For up to 40 seconds the page named a time that was past, at which the upload was to go on.
  it('names no time to go on once that has come, while the server does not answer', async () => {
    const page = await openPage();
    const { imports, services } = page;
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    services.api.answer('POST /imports', async () => {
      if (services.api.count('POST /imports') === 1) return 'broken' as const;
      await answered;
      return { status: 202, body: { importId } };
    });
    imports.start(csvFile(), () => undefined);
    const [sent] = imports.unsent.peek();
    const uploadOf = () => sent?.view.peek().upload;
    await eventually(() => expect(uploadOf()?.retryAt).toEqual(expect.any(Number)));
    await eventually(() => expect(uploadOf()).toMatchObject({ phase: 'retrying', retryAt: null }));
    answer();
    await eventually(() => expect(uploadOf()?.phase).toBe('sent'));
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
    expect(announcement.peek()).toMatch(/: The upload broke off. It goes on by itself/);
    expect(imports.isSending.value).toBe(true);
    await services.tell(channelOf(page), ['import.failed', aborted]);
    await eventually(() => expect(sent.view.peek().state).toEqual(aborted));
    expect(announcement.peek()).toMatch(
      /: Broken off: 17,300 rows had been added or had changed contacts and are being taken back\.$/,
    );
    await eventually(() => expect(sent.view.peek().upload?.phase).toBe('sent'));
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0], 'no other import has it').toBe(channelOf(page));
    expect(sent.view.peek().problem).toBeNull();
    imports.leave(importId);
    expect(imports.find(importId)?.sendAgain, 'the file may be sent again').toBe(sent.sendAgain);
  });

  // Such a file was once sent as an import of its own, which counted rows as known that the undo of the first import then removed.
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
});
