import type { CountryWithHistory } from '@tidings/contracts/reference.ts';
import { pageSchema, problemSchema } from '@tidings/contracts/schemas/http.ts';
import { countryItemSchema, countryWithHistorySchema } from '@tidings/contracts/schemas/reference.ts';
import { auditItemSchema } from '@tidings/contracts/schemas/services/support.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';

const address = '/reference/countries';

async function startServers(count = 1) {
  const log = await openTestLog();
  const referenceData = await startReferenceData({ log, logger: silentLogger });
  onTestFinished(() => referenceData.stop());
  const servers = await Promise.all(Array.from({ length: count }, () => startApiServer({ log })));
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const change = (method: string, code: string, body: object, headers: Record<string, string> = {}) =>
    server.send(`${address}/${code}`, SUPPORT_TOKEN, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const read = async (code: string): Promise<CountryWithHistory> =>
    countryWithHistorySchema.parse(await (await server.send(`${address}/${code}`, SUPPORT_TOKEN)).json());
  return { ...server, servers, change, read, referenceData };
}

const listOf = async (answer: Response) => pageSchema(countryItemSchema).parse(await answer.json());
const problemOf = async (answer: Response) => problemSchema.parse(await answer.json());

const germany = { name: 'Germany', aliases: ['DEU', 'Deutschland', 'Teutonia'], callingCode: '49' };

describe('/reference/countries', () => {
  test('lists every country by code, to any token, in pages where it is asked', async () => {
    const { send, issueToken } = await startServers();
    const mine = await issueToken('mira');
    const all = await listOf(await send(address, mine));
    expect([all.items.length, all.nextCursor]).toEqual([250, null]);
    expect(all.items.find(({ code }) => code === 'US')).toMatchObject({
      name: 'United States',
      callingCode: '1',
      aliases: expect.arrayContaining(['USA', 'Vereinigte Staaten']),
      timeZones: expect.arrayContaining(['America/New_York', 'America/Los_Angeles']),
      setBy: { who: 'seed' },
    });
    const first = await listOf(await send(`${address}?limit=200`, mine));
    const second = await listOf(await send(`${address}?limit=200&cursor=${first.nextCursor}`, mine));
    expect([...first.items, ...second.items]).toEqual(all.items);
    expect((await send(address)).status).toBe(401);
    expect((await send(`${address}?cursor=x`, mine)).status).toBe(400);
  });

  // Whoever had read a country, changed it and sent it back was told that `code` is not known.
  test('takes the answer of GET back, of which its values alone count, and refuses what is in no answer', async () => {
    const { change, read } = await startServers();
    const known = await read('DE');
    const aliases = [...known.aliases, 'Teutonia'];
    const headers = { 'If-Match': `"${known.version}"` };
    const answer = await change('PUT', 'DE', { ...known, aliases, code: 'AT', version: 'old' }, headers);
    expect([answer.status, await answer.json()]).toMatchObject([200, { code: 'DE', aliases }]);
    const now = await read('DE');
    expect(now).toMatchObject({ name: known.name, aliases, setBy: { who: 'support' } });
    expect(now.version).not.toBe(known.version);
    const misspelt = await change('PUT', 'DE', { ...now, alias: aliases });
    expect(await problemOf(misspelt)).toMatchObject({ status: 400, field: 'alias' });
  });

  test('takes a change, which every instance knows at once, with its history and in the audit', async () => {
    const { send, servers, change, read } = await startServers(2);
    const { version } = await read('DE');
    const answer = await change(
      'PUT',
      'DE',
      { ...germany, reason: 'a new alias' },
      { 'If-Match': `"${version}"` },
    );
    expect(answer.status).toBe(200);
    const changed = countryItemSchema.parse(await answer.json());
    expect(answer.headers.get('ETag')).toBe(`"${changed.version}"`);
    expect(changed).toMatchObject({
      ...germany,
      timeZones: expect.arrayContaining(['Europe/Berlin']),
      setBy: { who: 'support', reason: 'a new alias' },
    });
    for (const other of servers)
      await eventually(async () =>
        expect(await (await other.send(`${address}/de`, SUPPORT_TOKEN)).json()).toMatchObject(changed),
      );
    const { history } = await read('DE');
    expect(history?.map(({ setBy }) => setBy.who)).toEqual(['support', 'seed']);
    expect(history?.[0]).toMatchObject({ values: germany, setBy: { reason: 'a new alias' } });
    const { items } = pageSchema(auditItemSchema).parse(await (await send('/audit', SUPPORT_TOKEN)).json());
    expect(items[0]).toMatchObject({
      who: 'support',
      action: 'change_country',
      target: 'country/DE',
      reason: 'a new alias',
    });
  });

  test('goes back to the seed by DELETE, and removes what the seed does not know', async () => {
    const { send, change, read } = await startServers();
    const seed = await read('DE');
    const changed = await change('PUT', 'DE', germany, { 'If-Match': `"${seed.version}"` });
    const etag = changed.headers.get('ETag') ?? '';
    const back = await change('DELETE', 'DE', { reason: 'it was wrong' }, { 'If-Match': etag });
    expect(back.status).toBe(200);
    const { aliases, name, callingCode } = seed;
    expect(await back.json()).toMatchObject({ aliases, name, callingCode, setBy: { who: 'seed' } });
    const { version } = await read('DE');
    expect((await change('DELETE', 'DE', {}, { 'If-Match': `"${version}"` })).status).toBe(409);

    const added = await change('PUT', 'ZZ', { name: 'Atlantis' }, { 'If-None-Match': '*' });
    expect([added.status, await added.json()]).toMatchObject([201, { code: 'ZZ' }]);
    const gone = await change('DELETE', 'ZZ', {}, { 'If-Match': added.headers.get('ETag') ?? '' });
    expect(gone.status).toBe(204);
    expect((await send(`${address}/ZZ`, SUPPORT_TOKEN)).status).toBe(404);
  });

  test('changes no version that its sender has not seen', async () => {
    const { change, read } = await startServers();
    const { version } = await read('DE');
    const codeOf = async (answer: Response) => [answer.status, (await problemOf(answer)).code];
    expect(await codeOf(await change('PUT', 'DE', germany))).toEqual([428, 'precondition_required']);
    expect(await codeOf(await change('DELETE', 'DE', {}))).toEqual([428, 'precondition_required']);
    expect(await codeOf(await change('PUT', 'DE', germany, { 'If-None-Match': '*' }))).toEqual([
      412,
      'precondition_failed',
    ]);
    expect(await codeOf(await change('PUT', 'ZZ', germany, { 'If-Match': '*' }))).toEqual([
      412,
      'precondition_failed',
    ]);
    const headers = { 'If-Match': `"${version}"` };
    const both = await Promise.all(
      [1, 2].map((number) => change('PUT', 'DE', { ...germany, name: `G${number}` }, headers)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(await codeOf(await change('DELETE', 'DE', {}, headers))).toEqual([412, 'precondition_failed']);
  });

  test('refuses a country that does not fit, and changes nothing', async () => {
    const { change, read } = await startServers();
    const refused: [string, string, object, number][] = [
      ['', 'D1', germany, 404],
      ['name', 'DE', { ...germany, name: '' }, 400],
      ['aliases.0', 'DE', { ...germany, aliases: ['a'.repeat(201)] }, 400],
      ['aliases.0', 'DE', { ...germany, aliases: ['a\nb'] }, 400],
      ['callingCode', 'DE', { ...germany, callingCode: '+49' }, 400],
      ['timeZones.0', 'DE', { ...germany, timeZones: ['Europe/Bonn'] }, 400],
      ['timeZones.0', 'DE', { ...germany, timeZones: ['+02:00'] }, 400],
      ['', 'DE', { ...germany, aliases: ['Österreich'] }, 409],
    ];
    for (const [field, code, body, status] of refused) {
      const problem = await problemOf(await change('PUT', code, body, { 'If-Match': '*' }));
      expect([problem.status, problem.field ?? '']).toEqual([status, field]);
    }
    expect(await read('DE')).toMatchObject({ setBy: { who: 'seed' } });
  });

  test('is changed by support alone, which alone sees who has changed it', async () => {
    const { send, issueToken } = await startServers();
    const mine = await issueToken('mira');
    const init = {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'If-Match': '*' },
      body: '{}',
    };
    expect((await send(`${address}/DE`, mine, init)).status).toBe(404);
    expect((await send(`${address}/DE`, mine, { ...init, method: 'DELETE' })).status).toBe(404);
    expect(await (await send(`${address}/DE`, mine)).json()).not.toHaveProperty('history');
  });

  test('says that nobody obeys while the reference data service is away', async () => {
    const { change, referenceData, read } = await startServers();
    await referenceData.stop();
    const answer = await change('PUT', 'DE', germany, { 'If-Match': '*' });
    expect([answer.status, (await problemOf(answer)).code]).toEqual([503, 'unavailable']);
    expect(await read('DE')).toMatchObject({ setBy: { who: 'seed' } });
  });
});
