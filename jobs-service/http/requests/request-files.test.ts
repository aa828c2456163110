import { connect } from 'node:net';
import { requestTopics } from '@tidings/contracts/topics.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { API_KEY } from '../../test/api-server.ts';
import { serveReports, startRequestServer } from '../../test/request-server.ts';

describe('a file for a service', () => {
  const form = (parts: Record<string, string | File>) => {
    const all = new FormData();
    for (const [name, part] of Object.entries(parts)) all.append(name, part);
    return { method: 'POST', body: all };
  };
  const file = (bytes: Uint8Array<ArrayBuffer> | string = 'a,b\n') =>
    new File([bytes], 'ü.csv', { type: 'text/csv' });

  test('of 8 MiB reaches a worker on the log as it is, with its name and the fields of the form, and one comes back', async () => {
    const { log, send } = await startRequestServer();
    const bytes = new Uint8Array(8 * 1024 * 1024).map((_, index) => index % 251);
    const got: object[] = [];
    await serveReports(log, ({ headers, body }) => {
      got.push(headers);
      return {
        status: 200,
        headers: { 'content-type': 'application/x-test' },
        body: body.map((byte) => 255 - byte),
      };
    });
    const response = await send('/requests/reports/create', form({ month: 'May', file: file(bytes) }));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-test']);
    const back = Buffer.from(await response.arrayBuffer());
    expect(back.equals(Buffer.from(bytes.map((byte) => 255 - byte)))).toBe(true);
    expect(got).toMatchObject([
      { 'file-name': 'ü.csv', fields: '{"month":"May"}', 'content-type': 'text/csv', owner: 'mira' },
    ]);
  });

  test('reaches a worker by HTTP as base64, with its name and the fields of the form', async () => {
    const { send, post } = await startRequestServer();
    await send('/requests/reports/create', {
      ...form({ month: 'May', file: file() }),
      headers: { prefer: 'wait=0' },
    });
    const taken = await post('/requests/reports/take', {}, {}, API_KEY);
    const { body, headers } = (await taken.json()) as { body: unknown; headers: object };
    const base64 = Buffer.from('a,b\n').toString('base64');
    expect(body).toEqual({
      fields: { month: 'May' },
      file: { name: 'ü.csv', contentType: 'text/csv', base64 },
    });
    expect(Object.keys(headers)).not.toContain('fields');
  });

  test('is refused to a caller that has half of the places for forms, and not to another one', async () => {
    const { port, send } = await startRequestServer();
    const head =
      'POST /requests/reports/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' +
      `Content-Type: multipart/form-data; boundary=b\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`;
    const begun = Array.from({ length: 16 }, () => connect(port, '127.0.0.1').setEncoding('utf8'));
    onTestFinished(() => {
      for (const socket of begun) socket.destroy();
    });
    for (const socket of begun) socket.write(head);
    const ask = (bearer?: string) =>
      send('/requests/reports/create', form({ month: 'May', data: file() }), bearer);
    // A form with another part is refused for that, once it has a place.
    await eventually(async () => expect((await ask(API_KEY)).status).toBe(429));
    expect((await ask()).status).toBe(400);
  });

  // The sender of such a file was told so only once all of the file had come, or was asked after half a minute to send it again.
  test('that is said to be much larger is refused before it comes', async () => {
    const { port, token } = await startRequestServer();
    const head = [
      'POST /requests/reports/small HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 300000',
    ];
    const connection = sendRaw(port, `${head.join('\r\n')}\r\n\r\n--b\r\n`);
    expect(await problemOn(connection)).toMatchObject({
      status: 413,
      code: 'request_too_large',
      field: 'file',
    });
  });

  test.each<[string, string, Record<string, string | File>, number, string, string?]>([
    [
      'that is larger than its method takes',
      'small',
      { file: file('x'.repeat(21)) },
      413,
      'request_too_large',
      'file',
    ],
    ['with fields that its schema does not take', 'create', { file: file() }, 422, 'schema_refused', 'month'],
    ['that is none', 'create', { month: 'May' }, 400, 'no_file', 'file'],
    ['under another name', 'create', { month: 'May', data: file() }, 400, 'no_file', 'file'],
    [
      'with a field of more than 8 KiB',
      'create',
      { month: 'x'.repeat(8193), file: file() },
      400,
      'invalid_request',
    ],
    // Each of these fields is small enough. Together they made a header that no record holds, and an error of the server.
    [
      'with fields of more than 8 KiB together',
      'create',
      { month: 'x'.repeat(5000), note: 'x'.repeat(5000), file: file() },
      413,
      'request_too_large',
    ],
    ['for a method that takes none', 'list', { file: file() }, 400, 'invalid_request'],
  ])('%s is refused, and nothing is queued', async (_name, method, parts, status, code, field) => {
    const { log, send } = await startRequestServer();
    const problem = await problemOf(await send(`/requests/reports/${method}`, form(parts)));
    expect(problem).toMatchObject({ status, code, ...(field && { field }) });
    for (const topic of [requestTopics.normal, requestTopics.heavy])
      expect(await readAll(log, topic)).toEqual([]);
  });
});
