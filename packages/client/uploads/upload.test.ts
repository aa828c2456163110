import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, sendProblem } from '@tidings/service-kit/http/problem.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import express from 'express';
import multer from 'multer';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createApi } from '../http/api.ts';
import { uploadImport } from '../index.ts';
import { NodeXhr } from '../test/node-xhr.ts';

async function serve(app: express.Express): Promise<string> {
  const server = createServer(app);
  const { url } = await startTestServer(server);
  return url;
}

const channel = { channelId: 'c'.repeat(22), token: 'the.token' };
const file = new File(['email\na@example.org\n'], 'Kontakte ä.csv');

describe('uploading', () => {
  test('sends the fields before the file, and resolves with where the import is', async () => {
    const seen: unknown[] = [];
    const app = express();
    const upload = multer({ defParamCharset: 'utf8' }).single('file');
    app.post('/imports', upload, (request, response) => {
      const { authorization } = request.headers;
      seen.push({ fields: { ...request.body }, name: request.file?.originalname, authorization });
      seen.push(request.file?.buffer.toString());
      response.status(202).json({ importId: 'i', channelId: channel.channelId, channelToken: channel.token });
    });
    const baseUrl = await serve(app);
    const progress: number[] = [];
    const fields = {
      delimiter: ';' as const,
      mapping: { Mail: 'email' },
      defaultCountry: 'DE',
      clientReference: undefined,
    };
    const accepted = await uploadImport({
      baseUrl,
      file,
      channel,
      fields,
      onProgress: ({ sentBytes }) => progress.push(sentBytes),
    });
    expect(accepted).toEqual({ importId: 'i', channelId: channel.channelId, channelToken: channel.token });
    expect(seen).toEqual([
      {
        fields: {
          channelId: channel.channelId,
          channelToken: channel.token,
          delimiter: ';',
          mapping: '{"Mail":"email"}',
          defaultCountry: 'DE',
        },
        name: 'Kontakte ä.csv',
        authorization: 'Bearer the.token',
      },
      'email\na@example.org\n',
    ]);
    expect(progress).toEqual([file.size]);
  });

  test('a problem document becomes an error with its code, line and field', async () => {
    const app = express();
    app.post('/imports', (_request, response) => {
      sendProblem(
        response,
        new Problem('no_email_column', 'There is no such column.', { line: 1, field: 'file' }),
      );
    });
    const baseUrl = await serve(app);
    await expect(uploadImport({ baseUrl, file, channel })).rejects.toMatchObject({
      name: 'ProblemError',
      code: 'no_email_column',
      message: 'There is no such column.',
      retriable: false,
      status: 400,
      line: 1,
      field: 'file',
    });
  });

  test('an answer of a proxy, no answer, and giving up are errors of the same class', async () => {
    const app = express();
    app.post('/imports', (_request, response) => {
      response.status(502).set('Retry-After', '3').send('<h1>Bad gateway</h1>');
    });
    const once = { baseUrl: await serve(app), file, channel, patienceMs: 0 };
    await expect(uploadImport(once)).rejects.toMatchObject({
      code: 'unavailable',
      retriable: true,
      status: 502,
      retryAfterMs: 3000,
    });
    const nobody = { ...once, baseUrl: 'http://127.0.0.1:1' };
    await expect(uploadImport(nobody)).rejects.toMatchObject({ code: 'network', retriable: true, status: 0 });
    const signal = AbortSignal.abort();
    await expect(uploadImport({ ...once, signal })).rejects.toMatchObject({ code: 'aborted' });
  });

  test('an upload that is refused with 429 waits as long as the server asks for, and is sent again whole', async () => {
    const app = express();
    const received: (string | undefined)[] = [];
    app.post('/imports', multer().single('file'), (request, response) => {
      received.push(request.file?.buffer.toString());
      if (received.length < 3)
        sendProblem(response, new Problem('rate_limited', 'Too many.', { retryAfterSeconds: 0 }));
      else response.status(202).json({ importId: 'i', channelId: 'c', channelToken: 't' });
    });
    const waits: number[] = [];
    const accepted = await uploadImport({
      baseUrl: await serve(app),
      file,
      channel,
      onWait: (milliseconds) => waits.push(milliseconds),
    });
    expect(accepted.importId).toBe('i');
    expect(received).toEqual(Array(3).fill('email\na@example.org\n'));
    expect(waits).toHaveLength(2);
  });

  test('giving up ends the wait after a 429', async () => {
    const app = express();
    app.post('/imports', (_request, response) => {
      sendProblem(response, new Problem('rate_limited', 'Too many.', { retryAfterSeconds: 60 }));
    });
    const giveUp = new AbortController();
    const waits: number[] = [];
    const upload = uploadImport({
      baseUrl: await serve(app),
      file,
      channel,
      signal: giveUp.signal,
      onWait: (milliseconds) => {
        waits.push(milliseconds);
        giveUp.abort();
      },
    });
    await expect(upload).rejects.toMatchObject({ code: 'aborted' });
    expect(waits[0]).toBeGreaterThanOrEqual(60_000);
  });

  // The page once said of a file that it is sent again, although it had been stopped in the moment in which its connection broke.
  test('giving up while it finds out why it broke off tells of no wait', async () => {
    const app = express();
    const giveUp = new AbortController();
    const asked = new File(['email\na@example.org\n'], 'a.csv');
    app.post('/imports', (request) => {
      // Whether the file is the reason is asked of the file, which takes a moment.
      asked.slice = () => {
        giveUp.abort();
        return new Blob([]);
      };
      request.socket.destroy();
    });
    const waits: string[] = [];
    const upload = uploadImport({
      baseUrl: await serve(app),
      file: asked,
      channel,
      signal: giveUp.signal,
      onWait: (_milliseconds, { code }) => waits.push(code),
    });
    await expect(upload).rejects.toMatchObject({ code: 'aborted' });
    expect(waits).toEqual([]);
  });

  test('giving up while the server takes its time ends the request', async () => {
    const app = express();
    const giveUp = new AbortController();
    const ended = new Promise((resolve) => {
      app.post('/imports', (request) => {
        request.on('close', resolve);
        giveUp.abort();
      });
    });
    const baseUrl = await serve(app);
    await expect(uploadImport({ baseUrl, file, channel, signal: giveUp.signal })).rejects.toMatchObject({
      code: 'aborted',
    });
    await ended;
  });
});

describe('an upload that breaks off', () => {
  const accepted = { importId: 'i', channelId: channel.channelId, channelToken: channel.token };
  const replayed = (response: express.Response) =>
    response.status(202).set('Idempotent-Replayed', 'true').json(accepted);
  /** Refuses as a server does that wants another attempt at once. */
  const refuse = (response: express.Response, status: number, code: string) =>
    response
      .status(status)
      .set('Retry-After', '0')
      .json({ code, detail: `The test says ${code}.`, retriable: true });

  test('is sent again whole and under the same key, until it is there', async () => {
    const app = express();
    const attempts: { key: string | undefined; body: string | undefined }[] = [];
    app.post('/imports', multer().single('file'), (request, response) => {
      const key = request.get('Idempotency-Key');
      attempts.push({ key, body: request.file?.buffer.toString() });
      if (attempts.length === 1) refuse(response, 400, 'upload_broken_off');
      else if (attempts.length === 2) response.status(503).set('Retry-After', '0').end();
      else if (attempts.length === 3) refuse(response, 409, 'upload_in_progress');
      else replayed(response);
    });
    const waits: string[] = [];
    const result = await uploadImport({
      baseUrl: await serve(app),
      file,
      channel,
      onWait: (_milliseconds, { code }) => waits.push(code),
    });
    expect(result).toEqual(accepted);
    expect(waits).toEqual(['upload_broken_off', 'unavailable', 'upload_in_progress']);
    const [first] = attempts;
    expect(first).toEqual({ key: expect.stringMatching(/^(\d+-){3}\d+$/), body: 'email\na@example.org\n' });
    expect(attempts).toEqual(Array(4).fill(first));
  });

  test('is sent again after the connection was cut, with a pause that the caller hears of', async () => {
    const app = express();
    let attempts = 0;
    app.post('/imports', multer().single('file'), (request, response) => {
      attempts += 1;
      if (attempts === 1) request.socket.destroy();
      else replayed(response);
    });
    const waits: [number, string][] = [];
    await uploadImport({
      baseUrl: await serve(app),
      file,
      channel,
      onWait: (milliseconds, { code }) => waits.push([milliseconds, code]),
    });
    expect(attempts).toBe(2);
    expect(waits).toEqual([[expect.any(Number), 'network']]);
    expect(waits[0]?.[0]).toBeGreaterThanOrEqual(1_000);
  });

  test('goes on with what the server does not have, as often as it breaks off', async () => {
    const app = express();
    const asked: string[] = [];
    app.post('/imports', (request) => void request.socket.destroy());
    app.get('/imports/upload', (request, response) => {
      asked.push(`${request.get('Idempotency-Key')} ${request.get('Authorization')}`);
      response.json({ offset: asked.length * 4 });
    });
    const rests: unknown[] = [];
    app.patch(
      '/imports/upload',
      express.text({ type: 'application/offset+octet-stream' }),
      (request, response) => {
        rests.push([request.get('Upload-Offset'), request.body]);
        if (rests.length < 3) refuse(response, 409, 'wrong_offset');
        else replayed(response);
      },
    );
    const progress: number[] = [];
    const result = await uploadImport({
      ...{ baseUrl: await serve(app), file, channel, idempotencyKey: 'one' },
      onProgress: ({ sentBytes }) => progress.push(sentBytes),
    });
    expect(result).toEqual(accepted);
    expect(asked).toEqual(Array(3).fill('one Bearer the.token'));
    expect(rests).toEqual([
      ['4', 'l\na@example.org\n'],
      ['8', 'example.org\n'],
      ['12', 'ple.org\n'],
    ]);
    expect(progress).toEqual(Array(3).fill(file.size));
  });

  // A shorter file under a key was answered as if the longer one that had come under it were the same.
  test('sends the whole file where the server has more than it', async () => {
    const app = express();
    let attempts = 0;
    app.post('/imports', multer().single('file'), (_request, response) => {
      attempts += 1;
      if (attempts === 1) refuse(response, 400, 'upload_broken_off');
      else response.status(422).json({ code: 'idempotency_mismatch', detail: 'Other.', retriable: false });
    });
    app.get('/imports/upload', (_request, response) => void response.json({ offset: file.size + 1 }));
    await expect(uploadImport({ baseUrl: await serve(app), file, channel })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
  });

  // The network falls silent while a page asks where its upload stands: it waited as long as the system did, a quarter of an hour.
  test('asks again where its question gets no answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const app = express();
    let [asked, waited] = [0, 0];
    app.post('/imports', multer().single('file'), (_request, response) => {
      refuse(response, 400, 'upload_broken_off');
    });
    app.get('/imports/upload', (_request, response) => {
      asked += 1;
      if (asked > 1) response.json({ offset: file.size });
    });
    app.patch('/imports/upload', (_request, response) => replayed(response));
    const uploading = uploadImport({ baseUrl: await serve(app), file, channel, onWait: () => (waited += 1) });
    await eventually(() => expect(waited).toBe(1));
    await vi.advanceTimersByTimeAsync(2_000);
    await eventually(() => expect(asked).toBe(1));
    await vi.advanceTimersByTimeAsync(40_000);
    await eventually(() => expect(waited).toBe(2));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await uploading).toEqual(accepted);
  });

  // A connection that was lost with the last bytes on their way kept a page waiting as long as the system did; no test held the bound.
  test('of a page is given up where no answer follows its last byte within a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    vi.stubGlobal('XMLHttpRequest', NodeXhr);
    onTestFinished(() => void vi.unstubAllGlobals());
    const app = express();
    let attempts = 0;
    app.post('/imports', multer().single('file'), (_request, response) => {
      attempts += 1;
      if (attempts > 1) replayed(response);
    });
    let isSent = false;
    const waits: string[] = [];
    const uploading = uploadImport({
      ...{ baseUrl: await serve(app), file, channel },
      onProgress: ({ sentBytes, totalBytes }) => {
        isSent = sentBytes === totalBytes;
      },
      onWait: (_milliseconds, { code }) => waits.push(code),
    });
    await eventually(() => expect([isSent, attempts]).toEqual([true, 1]));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(waits).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await eventually(() => expect(waits).toEqual(['network']));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await uploading).toEqual(accepted);
    expect(attempts).toBe(2);
  });

  test('stays broken once patience has ended, and a refusal that lasts ends it at once', async () => {
    const app = express();
    const asked: (string | undefined)[] = [];
    app.post('/imports', multer().single('file'), (request, response) => {
      asked.push(request.get('Idempotency-Key'));
      if (request.get('Idempotency-Key') === 'cancelled')
        response.status(409).json({ code: 'import_cancelled', detail: 'Cancelled.', retriable: false });
      else response.status(503).set('Retry-After', '9').end();
    });
    const upload = { baseUrl: await serve(app), file, channel };
    await expect(
      uploadImport({ ...upload, idempotencyKey: 'away', patienceMs: 5_000 }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await expect(uploadImport({ ...upload, idempotencyKey: 'cancelled' })).rejects.toMatchObject({
      code: 'import_cancelled',
    });
    expect(asked).toEqual(['away', 'cancelled']);
  });

  test('makes one channel for all attempts where the caller has none', async () => {
    const app = express();
    let channels = 0;
    app.post('/channels', (_request, response) => {
      channels += 1;
      response.json({ channelId: `made-${channels}`, token: 'made.token', epoch: 'e', seq: 0 });
    });
    const seen: unknown[] = [];
    app.post('/imports', multer().single('file'), (request, response) => {
      seen.push(request.body.channelId);
      if (seen.length === 1) refuse(response, 400, 'upload_broken_off');
      else replayed(response);
    });
    await uploadImport({ baseUrl: await serve(app), file });
    expect(seen).toEqual(['made-1', 'made-1']);
  });

  test('says so where the file cannot be read any more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-upload-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'contacts.csv');
    await writeFile(path, 'email\na@example.org\n');
    const moved = await openAsBlob(path);
    await rm(path);
    const app = express();
    app.post('/imports', (request) => request.resume());
    await expect(
      uploadImport({ baseUrl: await serve(app), file: moved, fileName: 'contacts.csv', channel }),
    ).rejects.toMatchObject({ code: 'file_unreadable', retriable: false });
  });
});

describe('the API', () => {
  test('waits after a 429, and throws any other refusal at once', async () => {
    const app = express();
    let asked = 0;
    app.get('/contacts', (_request, response) => {
      asked += 1;
      if (asked === 1) response.status(429).set('Retry-After', '0').end();
      else if (asked === 2) response.json({ items: [], nextCursor: null });
      else response.status(503).set('Retry-After', '60').end();
    });
    const api = createApi({ baseUrl: await serve(app), token: () => 'the.token' });
    expect(await api.listContacts()).toEqual({ items: [], nextCursor: null });
    await expect(api.listContacts()).rejects.toMatchObject({ status: 503 });
    expect(asked).toBe(3);
  });

  test('sends the current token, and reads answers and problems', async () => {
    const app = express().use(express.json());
    const requests: string[] = [];
    app.use((request, response, next) => {
      requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      if (request.url.startsWith('/contacts/missing'))
        sendProblem(response, new Problem('not_found', 'None.'));
      else next();
    });
    app.get('/imports/:id/rejected.csv', (_request, response) => {
      response.type('text/csv').send('\uFEFFemail\r\n');
    });
    app.patch('/contacts/:id', (request, response) => {
      response.json({ id: request.params.id, ...request.body });
    });
    app.delete('/contacts/:id', (_request, response) => {
      response.status(204).end();
    });
    app.get(['/imports', '/contacts'], (_request, response) => {
      response.json({ items: [], nextCursor: null });
    });
    app.get(['/imports/:id', '/contacts/:id'], (request, response) => {
      response.json({ id: request.params.id });
    });
    let token = 'first';
    const api = createApi({ baseUrl: await serve(app), token: () => token });
    expect(await api.getImport('a/b')).toEqual({ id: 'a/b' });
    token = 'second';
    expect(await api.listImports({ status: 'completed', limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(await api.listContacts({ query: 'ä&b', cursor: undefined })).toEqual({
      items: [],
      nextCursor: null,
    });
    expect(await api.getContact('one')).toEqual({ id: 'one' });
    expect(await api.patchContact('one', { firstName: 'Mira' })).toEqual({ id: 'one', firstName: 'Mira' });
    await api.deleteContact('one');
    expect(await (await api.fetchRejectedCsv('one')).arrayBuffer()).toHaveProperty('byteLength', 10);
    app.post('/imports/:id/:action', (request, response) => {
      response.status(202).json({ id: request.params.id, action: request.params.action });
    });
    app.get('/imports/:id/undo', (_request, response) => {
      response.json({ items: [], nextCursor: null });
    });
    expect(await api.cancelImport('one')).toEqual({ id: 'one', action: 'cancel' });
    expect(await api.undoImport('one')).toEqual({ id: 'one', action: 'undo' });
    expect(await api.retryImport('one')).toEqual({ id: 'one', action: 'retry' });
    expect(await api.listUndo('one', { cursor: 'next', limit: 5 })).toEqual({ items: [], nextCursor: null });
    await expect(api.getContact('missing')).rejects.toMatchObject({ code: 'not_found', status: 404 });
    expect(requests).toEqual([
      'GET /imports/a%2Fb Bearer first',
      'GET /imports?status=completed&limit=5 Bearer second',
      'GET /contacts?query=%C3%A4%26b Bearer second',
      'GET /contacts/one Bearer second',
      'PATCH /contacts/one Bearer second',
      'DELETE /contacts/one Bearer second',
      'GET /imports/one/rejected.csv Bearer second',
      'POST /imports/one/cancel Bearer second',
      'POST /imports/one/undo Bearer second',
      'POST /imports/one/retry Bearer second',
      'GET /imports/one/undo?cursor=next&limit=5 Bearer second',
      'GET /contacts/missing Bearer second',
    ]);
  });
});
