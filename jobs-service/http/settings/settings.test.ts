import { problemSchema } from '@tidings/contracts/schemas/answers.ts';
import { ownerSettingsSchema } from '@tidings/contracts/schemas/settings.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/work.ts';
import { defaultSettings, MAX_MAPPINGS } from '@tidings/contracts/settings.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import type { ChunkWork } from '@tidings/contracts/work.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';

async function start(count = 1) {
  const log = await openTestLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  const servers = await Promise.all(Array.from({ length: count }, () => startApiServer({ log })));
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const put = (token: string, body: object) =>
    server.send('/settings', token, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const read = async (token: string, from: Pick<typeof server, 'send'> = server) =>
    ownerSettingsSchema.parse(await (await from.send('/settings', token)).json());
  return { ...server, log, servers, put, read, token: await server.issueToken('mira') };
}

type Server = Awaited<ReturnType<typeof start>>;

async function upload({ send, token }: Server, file: string, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([file]), 'a.csv');
  const answer = await send('/imports', token, { method: 'POST', body: form });
  expect([answer.status, answer.status === 202 ? '' : await answer.text()]).toEqual([202, '']);
}

/** What the newest chunk says. */
async function newestWork(log: EventLog): Promise<ChunkWork> {
  const records = await Promise.all(Object.values(workTopics).map(({ topic }) => readAll(log, topic)));
  const works = records.flat().map(({ headers, timestamp }) => ({ ...decodeChunkWork(headers), timestamp }));
  const newest = works.toSorted((one, other) => (one.work.importId < other.work.importId ? 1 : -1))[0];
  if (newest === undefined) throw new Error('there is no chunk');
  return newest.work;
}

const mapping = { Kontakt: 'email', Ort: 'attributes.city' };

describe('/settings', () => {
  test('begins with the defaults, and keeps what a change leaves out, on every instance', async () => {
    const { put, read, servers, token, issueToken } = await start(2);
    expect(await read(token)).toEqual(defaultSettings);
    const remembered = { header: ['Kontakt', 'Ort'], mapping };
    expect((await put(token, { defaultCountry: 'de', mappings: [remembered] })).status).toBe(200);
    const answer = await put(token, { duplicates: 'fill-blanks' });
    const expected = { defaultCountry: 'DE', duplicates: 'fill-blanks', mappings: [remembered] };
    expect(await answer.json()).toEqual(expected);
    for (const server of servers)
      await eventually(async () => expect(await read(token, server)).toEqual(expected));
    // Uploads took UK for GB, and settings refused it.
    expect(await (await put(token, { defaultCountry: 'UK' })).json()).toMatchObject({ defaultCountry: 'GB' });
    await put(token, { defaultCountry: null, mappings: [] });
    expect(await read(token)).toEqual({ ...defaultSettings, duplicates: 'fill-blanks' });
    expect(await read(await issueToken('noor'))).toEqual(defaultSettings);
  });

  test('belongs to owners, and refuses what no upload could use', async () => {
    const { put, read, send, token } = await start();
    expect((await send('/settings', SUPPORT_TOKEN)).status).toBe(404);
    expect((await send('/settings')).status).toBe(401);
    const of = (header: string[], said: object) => ({ mappings: [{ header, mapping: said }] });
    const refused: [string, object][] = [
      ['defaultCountry', { defaultCountry: 'QQ' }],
      // A name that is written wrong was answered 200, and set nothing.
      ['defaultcountry', { defaultcountry: 'DE' }],
      ['defaultCountry', { defaultCountry: 'Germany' }],
      ['duplicates', { duplicates: 'replace' }],
      ['mappings.0', of(['Kontakt'], { Kontakt: 'nowhere' })],
      ['mappings.0', of(['Ort'], { Ort: 'attributes.city' })],
      ['mappings.0', of(['Kontakt', 'x'.repeat(20_000)], { Kontakt: 'email' })],
      [
        'mappings',
        {
          mappings: Array.from({ length: MAX_MAPPINGS + 1 }, () => ({
            header: ['e'],
            mapping: { e: 'email' },
          })),
        },
      ],
    ];
    for (const [field, body] of refused) {
      const problem = problemSchema.parse(await (await put(token, body)).json());
      expect([problem.code, problem.field]).toEqual(['invalid_request', field]);
    }
    expect(await read(token)).toEqual(defaultSettings);
  });

  test('is what an upload begins with, unless it says otherwise', async () => {
    const server = await start();
    const { put, log, token } = server;
    await upload(server, 'email\na@example.org\n');
    expect(await newestWork(log)).toMatchObject({ defaultCountry: null, duplicates: 'update' });
    await put(token, { defaultCountry: 'DE', duplicates: 'skip' });
    await upload(server, 'email\na@example.org\n');
    expect(await newestWork(log)).toMatchObject({ defaultCountry: 'DE', duplicates: 'skip' });
    await upload(server, 'email\na@example.org\n', { defaultCountry: 'FR' });
    expect(await newestWork(log)).toMatchObject({ defaultCountry: 'FR', duplicates: 'skip' });
  });

  test('remembers what an upload says of its columns, for the same header and its rejected rows', async () => {
    const server = await start();
    const { log, read, token } = server;
    await upload(server, 'Kontakt,Ort\na@example.org,Rome\n', { mapping: JSON.stringify(mapping) });
    const expected = { columns: ['email', 'attributes.city'] };
    expect(await newestWork(log)).toMatchObject(expected);
    await eventually(async () =>
      expect((await read(token)).mappings).toEqual([{ header: ['Kontakt', 'Ort'], mapping }]),
    );
    await upload(server, 'KONTAKT ,ort\nb@example.org,Oslo\n');
    expect(await newestWork(log)).toMatchObject(expected);
    await upload(server, 'Kontakt,Ort,_line,_code,_reason\nb@example.org,Oslo,2,email_invalid,x\n');
    expect((await newestWork(log)).columns.slice(0, 2)).toEqual(expected.columns);
    await upload(server, 'Kontakt,Ort\nb@example.org,Oslo\n', {
      mapping: JSON.stringify({ Kontakt: 'email', Ort: '' }),
    });
    await upload(server, 'Kontakt,Ort\nb@example.org,Oslo\n');
    await eventually(async () => expect((await read(token)).mappings).toHaveLength(1));
    expect(await newestWork(log)).toMatchObject({ columns: ['email', ''] });
  });

  test('keeps the newest mappings of an owner, as many as it may', async () => {
    const server = await start();
    const { put, read, token } = server;
    const mappings = Array.from({ length: MAX_MAPPINGS }, (_, number) => ({
      header: [`Kontakt ${number}`],
      mapping: { [`Kontakt ${number}`]: 'email' },
    }));
    await put(token, { mappings });
    await upload(server, 'Newest\na@example.org\n', { mapping: JSON.stringify({ Newest: 'email' }) });
    const expected = [{ header: ['Newest'], mapping: { Newest: 'email' } }, ...mappings.slice(0, -1)];
    await eventually(async () => expect((await read(token)).mappings).toEqual(expected));
  });
});
