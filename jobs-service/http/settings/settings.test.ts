import type { ChunkWork } from '@tidings/contracts/imports/work.ts';
import { defaultSettings, MAX_MAPPINGS, SETTINGS_CLAIMED_TYPE } from '@tidings/contracts/owners/settings.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { problemSchema } from '@tidings/contracts/schemas/http.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import { ownerSettingsSchema } from '@tidings/contracts/schemas/owners/settings.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
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
  const put = (token: string, body: object, match?: string, to: Pick<typeof server, 'send'> = server) =>
    to.send('/settings', token, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...(match === undefined ? {} : { 'If-Match': match }) },
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

  // Of two pages that had read the same settings, the later one wrote over the earlier one, and nobody was told.
  test('changes the version that the request names, and no other', async () => {
    const { put, read, send, token } = await start();
    const tagOf = async () => (await send('/settings', token)).headers.get('ETag') ?? '';
    const [first, none] = [await tagOf(), await send('/settings', token)];
    expect(none.headers.get('ETag')).toBe(first);
    const answer = await put(token, { duplicates: 'skip' }, first);
    expect([answer.status, answer.headers.get('ETag')]).toEqual([200, await tagOf()]);
    expect(await tagOf()).not.toBe(first);
    for (const match of [first, `W/${await tagOf()}`, 'no tag', '']) {
      const problem = problemSchema.parse(await (await put(token, { duplicates: 'update' }, match)).json());
      expect([problem.status, problem.code, problem.field]).toEqual([412, 'precondition_failed', 'If-Match']);
    }
    expect((await read(token)).duplicates).toBe('skip');
    expect((await put(token, { duplicates: 'fill-blanks' }, `"x", ${await tagOf()}`)).status).toBe(200);
    expect((await put(token, { defaultCountry: 'DE' }, '*')).status).toBe(200);
    // What was refused for another reason has changed nothing, either.
    expect((await put(token, { duplicates: 'replace' }, await tagOf())).status).toBe(400);
    expect(await read(token)).toEqual({
      ...defaultSettings,
      defaultCountry: 'DE',
      duplicates: 'fill-blanks',
    });
    // Back at what it was, it is that version.
    await put(token, { ...defaultSettings });
    expect(await tagOf()).toBe(first);
  });

  test('of many who change the same version at the same moment, one does, on whichever instance; none leaves anything behind', async () => {
    const { log, put, read, servers, token } = await start(3);
    for (let round = 0; round < 5; round += 1) {
      const tags = await Promise.all(servers.map((server) => server.send('/settings', token)));
      const tag = tags[0]?.headers.get('ETag') ?? '';
      const wanted = Array.from({ length: 9 }, (_, number) => ({
        mappings: [
          { header: [`Kontakt ${round} ${number}`], mapping: { [`Kontakt ${round} ${number}`]: 'email' } },
        ],
      }));
      const answers = await Promise.all(
        wanted.map((body, number) => put(token, body, tag, servers[number % servers.length])),
      );
      const winners = wanted.filter((_, number) => answers[number]?.status === 200);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(8).fill(412)]);
      for (const server of servers)
        await eventually(async () =>
          expect((await read(token, server)).mappings).toEqual(winners[0]?.mappings),
        );
    }
    const newest = new Map((await readAll(log, topics.ownerSettings)).map(({ key, value }) => [key, value]));
    const kept = [...newest].filter(([, value]) => value !== null).map(([key]) => key.split('/')[0]);
    expect(kept).toEqual(['mapping']);
  });

  // A process that ended between its claim and its change must hold nobody up for good.
  test.each([
    ['holds others up for a moment', 0, 412],
    ['holds nobody up once it is old, and goes', 11_000, 200],
  ])('a claim of a process that has ended %s', async (_what, ageMs, status) => {
    const { log, put, send, token } = await start();
    const tag = (await send('/settings', token)).headers.get('ETag') ?? '';
    const data = { owner: 'mira', version: tag.slice(1, -1) };
    const event = createEvent({ type: SETTINGS_CLAIMED_TYPE, subject: 'mira', data });
    const claim = { topic: topics.ownerSettings, key: 'claim/1/mira', value: encodeEvent(event) };
    const { now } = Date;
    onTestFinished(() => {
      Date.now = now;
    });
    // It is the log's clock that tells how old a claim is.
    Date.now = () => now() - ageMs;
    await log.append([claim]);
    Date.now = now;
    expect((await put(token, { duplicates: 'skip' }, tag)).status).toBe(status);
    const records = (await readAll(log, topics.ownerSettings)).filter(({ key }) => key === claim.key);
    expect(records.at(-1)?.value === null).toBe(status === 200);
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
