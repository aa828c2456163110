/** Uses the public contract as a foreign client does: plain Socket.IO, plain HTTP, a file with known buckets. */

import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, rowsReported, sumRows } from '@tidings/contracts/imports/import.ts';
import {
  acceptImport,
  createChannel,
  getJson,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { listen } from '../../test/listener.ts';
import { expectOutcome } from '../../test/outcome.ts';

const stack = await startFileStack();

describe('an import, watched', () => {
  test('every stage reaches the channel that asked, in order and exact, and support sees the same', async () => {
    const file = makeContactsFile(5_000, 'watched.example');
    const support = await listen(stack.url, { channelId: 'support', token: stack.supportToken });
    const mine = await listen(stack.url);
    const other = await listen(stack.url);
    const { channelId, token, epoch } = mine.opened;
    const { importId } = await acceptImport(stack.url, {
      file: file.bytes,
      fields: { channelId, channelToken: token },
    });
    const soon = await getJson<ImportState>(`${stack.url}/imports/${importId}`, token);
    expect(soon.importId).toBe(importId);

    const outcome = await mine.until(({ final }) => final === true);
    const state = outcome.data as ImportState;
    expect(outcome).toMatchObject({
      type: 'import.completed_with_errors',
      lane: 'durable',
      channelId,
      subject: importId,
    });
    expect(state.rows).toEqual({ total: file.rows, ...file.expected });

    const compared = await expectOutcome(mine, state, epoch);
    for (const { data } of mine.received.filter(({ lane }) => lane === 'progress')) {
      expect(sumRows((data as ImportState).rows)).toBeLessThanOrEqual(file.rows);
    }
    expect(other.received).toEqual([]);
    const seen = await support.until(({ subject, final }) => subject === importId && final === true);
    // Support alone is told whose import it is.
    const withOwner = { owner: 'default' };
    expect(seen.data).toEqual({ ...state, ...withOwner });
    const checked = await support.until(
      ({ subject, type }) => subject === importId && type === 'import.reconciled',
    );
    expect(checked.data).toEqual({ ...compared, ...withOwner });
    // Whether rejected rows are ignored, and how many are left, is looked up by whoever asks.
    const leftToMend = state.rows.rejected;
    const asked = { ...compared, restIgnored: false, restChanges: 0, leftToMend };
    for (const [bearer, shown] of [
      [token, asked],
      [stack.supportToken, { ...asked, ...withOwner }],
    ] as const) {
      await eventually(async () =>
        expect(await getJson(`${stack.url}/imports/${importId}`, bearer)).toEqual(shown),
      );
    }

    const late = await listen(stack.url, { channelId, token });
    expect(late.opened).toMatchObject({ recovered: false, epoch, seq: 4 });
    expect(late.opened.snapshot.durable.at(-1)?.data).toEqual(compared);
    const back = await listen(stack.url, { channelId, token, epoch, seq: 1 });
    expect(back.opened).toMatchObject({ recovered: true, seq: 4, snapshot: { durable: [] } });
    await back.until(({ seq }) => seq === 4);
    expect(back.received.filter(({ lane }) => lane === 'durable').map(({ seq }) => seq)).toEqual([2, 3, 4]);
  });

  test('the rejected rows come back, and once fixed touch only themselves', async () => {
    const domain = freshName('fixed.example');
    const rows = [
      'email,phone,name',
      `fix1@${domain},+4915112345678,A`,
      `fix2 at ${domain},+4915112345679,=B()`,
      `fix3@${domain},12,"C, ""c"""`,
    ];
    const { importId, channelToken } = await acceptImport(stack.url, {
      file: `${rows.join('\n')}\n`,
      fileName: 'fix me.csv',
    });
    const first = await untilEnded(stack.url, importId, channelToken);
    expect(first.rows).toMatchObject({ total: 3, created: 1, rejected: 2 });
    const response = await fetch(`${stack.url}/imports/${importId}/rejected.csv`, {
      headers: { Authorization: `Bearer ${channelToken}` },
    });
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''fix%20me-rejected.csv");
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const text = bytes.toString();
    expect(text).toContain("'=B()");
    const fixed = text.replace('fix2 at ', 'fix2@').replace('"12"', '"+4915112345680"');
    const again = await acceptImport(stack.url, { file: fixed, fields: { channelToken } });
    const second = await untilEnded(stack.url, again.importId, channelToken);
    expect(second).toMatchObject({ status: 'completed', rows: { total: 2, created: 2 } });
    const { items } = await getJson<Page<Contact>>(`${stack.url}/contacts?query=@${domain}`, channelToken);
    expect(items.map(({ email, phone, attributes }) => [email, phone, { ...attributes }])).toEqual([
      [`fix1@${domain}`, '+4915112345678', { name: 'A' }],
      [`fix2@${domain}`, '+4915112345679', { name: '=B()' }],
      [`fix3@${domain}`, '+4915112345680', { name: 'C, "c"' }],
    ]);
  });

  test('importing the same file again changes nothing, and says so', async () => {
    const file = makeContactsFile(1_000, 'twice.example');
    const ended = async () => {
      const { importId, channelToken } = await acceptImport(stack.url, { file: file.bytes });
      return untilEnded(stack.url, importId, channelToken);
    };
    expect((await ended()).rows).toEqual({ total: 1_000, ...file.expected });
    const { created, ...rest } = file.expected;
    expect((await ended()).rows).toEqual({ total: 1_000, ...rest, created: 0, unchanged: created });
  });

  test('a request that prefers to wait gets the state at the end, or 202 where the import takes longer', async () => {
    const form = new FormData();
    form.append('file', new Blob(['email\nheld@example.org\n']), 'a.csv');
    const response = await fetch(`${stack.url}/imports`, {
      method: 'POST',
      body: form,
      headers: { Prefer: 'wait=30' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=30');
    const state = (await response.json()) as ImportState;
    expect(state).toMatchObject({ status: 'completed', rows: { total: 1 } });
    expect(rowsReported(state)).toBe(1);
  });

  test('lists are newest first, in pages', async () => {
    const { token } = await createChannel(stack.url);
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const { importId, channelToken } = await acceptImport(stack.url, {
        file: `email\nlist${index}@example.org\n`,
      });
      await untilEnded(stack.url, importId, channelToken);
      ids.unshift(importId);
    }
    const listed: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 50; page += 1) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer: Page<ImportState> = await getJson(`${stack.url}/imports?limit=2${query}`, token);
      listed.push(...answer.items.map(({ importId }) => importId));
      cursor = answer.nextCursor;
    }
    expect(listed.slice(0, 3)).toEqual(ids);
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe('contacts', () => {
  test('are found, changed, and erased', async () => {
    const domain = freshName('found.example');
    const { importId, channelToken } = await acceptImport(stack.url, {
      file: `email,first name,country,Notes\nalter.ego@${domain},Alter,Germany,old\n`,
    });
    await untilEnded(stack.url, importId, channelToken);
    const { items } = await getJson<Page<Contact>>(
      `${stack.url}/contacts?query=ALTER.EGO@${domain}`,
      channelToken,
    );
    const [found] = items;
    if (found === undefined) throw new Error('the contact is not there');
    expect(found).toMatchObject({
      country: 'DE',
      timeZone: 'Europe/Berlin',
      attributes: { notes: 'old' },
      version: 1,
    });
    const send = (method: string, body?: object) =>
      fetch(`${stack.url}/contacts/${found.id}`, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
        headers: { Authorization: `Bearer ${channelToken}`, 'Content-Type': 'application/json' },
      });
    const patched = await send('PATCH', { firstName: 'Ego', attributes: { notes: null, colour: 'blue' } });
    expect(await patched.json()).toMatchObject({
      firstName: 'Ego',
      attributes: { colour: 'blue' },
      version: 2,
    });
    expect(await problemOf(await send('PATCH', { phone: 'nonsense' }))).toMatchObject({
      status: 400,
      field: 'phone',
    });
    expect(await problemOf(await send('PATCH', { company: 'a\0b' }))).toMatchObject({
      status: 400,
      field: 'company',
    });
    expect(await problemOf(await send('PATCH', { lastName: '\ud800' }))).toMatchObject({ field: 'lastName' });
    expect(await problemOf(await send('PATCH', { shoeSize: 44 }))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
    expect((await send('DELETE')).status).toBe(204);
    expect(await problemOf(await send('GET'))).toMatchObject({ status: 404 });
  });
});

describe('operators', () => {
  test('see liveness, readiness and metrics', async () => {
    expect((await fetch(`${stack.url}/livez`)).status).toBe(200);
    expect(await (await fetch(`${stack.url}/readyz`)).json()).toMatchObject({ status: 'ready' });
    const metrics = await (await fetch(`${stack.url}/metrics`)).text();
    expect(metrics).toMatch(
      /^tidings_aggregator_commands_total\{type="import.accepted",effect="folded"\} \d+$/m,
    );
    expect(metrics).toMatch(/^tidings_hub_sockets \d+$/m);
  });
});
