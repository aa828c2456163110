/** Rejected rows are mended one by one, without a file, and become an import of their own. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type {
  HandedRows,
  RejectedRowItem,
  RejectedRowsPage,
} from '@tidings/contracts/imports/rejected-rows.ts';
import {
  acceptImport,
  getJson,
  orderImport,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';

const stack = await startFileStack();

async function importFile(file: string, fields: Readonly<Record<string, string>> = {}) {
  const { importId, channelToken: token } = await acceptImport(stack.url, { file, fields });
  await untilEnded(stack.url, importId, token);
  const send = (method: string, path: string, body?: object, headers = {}) =>
    fetch(`${stack.url}/imports/${importId}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  return {
    ...{ importId, token, send },
    mend: (row: number, cells: Record<string, string>) => send('PATCH', `/rejected/${row}`, { cells }),
    rejected: (query = '') =>
      getJson<RejectedRowsPage>(`${stack.url}/imports/${importId}/rejected${query}`, token),
    contact: async (email: string) =>
      (await getJson<Page<Contact>>(`${stack.url}/contacts?query=${email}`, token)).items[0],
    importMended: () => send('POST', '/rejected/import', undefined, { Prefer: 'wait=60' }),
  };
}

test('mended rows are read by the rules of their import, once, and what is left is told', async () => {
  const domain = freshName('mended-rows.example');
  const header = 'Mail;Tel;Name;Name;0';
  const rows = [
    `ok@${domain};;Ok;;`,
    'bad;030 901820;=A;B;007',
    `b@${domain};12;C;D;`,
    `c@${domain};;E;F;;G`,
  ];
  const mapping = JSON.stringify({ Mail: 'email', Tel: 'phone', 0: 'attributes.number' });
  const first = await importFile(`${header}\n${rows.join('\n')}\n`, { defaultCountry: 'DE', mapping });

  const page = await first.rejected();
  expect(page).toMatchObject({ nextCursor: null, left: 3 });
  expect(page.items.map(({ row, line, codes }) => [row, line, ...codes])).toEqual([
    [2, 3, 'email_invalid'],
    [3, 4, 'phone_invalid'],
    [4, 5, 'too_many_cells'],
  ]);
  const [bad, phone, wide] = page.items as [RejectedRowItem, RejectedRowItem, RejectedRowItem];
  expect(bad.cells).toEqual({ Mail: 'bad', Tel: '030 901820', Name: '=A', 'Name 2': 'B', '0': '007' });
  expect(bad.faults).toEqual([
    { code: 'email_invalid', reason: 'The e-mail address is not valid.', column: 'Mail' },
  ]);
  expect(phone.faults).toMatchObject([{ column: 'Tel' }]);
  expect(wide).toMatchObject({ cells: { _extra: 'G' }, faults: [{ column: null }], mended: false });

  expect((await first.importMended()).status).toBe(409);
  const mended = await first.mend(2, { Mail: `a@${domain}` });
  expect(await mended.json()).toMatchObject({
    ...{ row: 2, mended: true, codes: ['email_invalid'], faults: [] },
    cells: { Name: '=A', '0': '007' },
  });
  const both = {
    rows: [
      { row: 3, cells: { Name: 'Still wrong' } },
      { row: 4, cells: { Name: 'E', _extra: '' } },
    ],
  };
  const kept = (await (await first.send('PATCH', '/rejected', both)).json()) as { items: RejectedRowItem[] };
  expect(kept.items.map(({ faults }) => faults)).toMatchObject([
    [{ code: 'phone_invalid', column: 'Tel' }],
    [],
  ]);
  const widened = await first.mend(4, { _extra: 'G,H' });
  expect(((await widened.json()) as RejectedRowItem).faults.map(({ code }) => code)).toEqual([
    'too_many_cells',
  ]);
  await first.mend(4, { _extra: '' });

  const answer = await first.importMended();
  expect(answer.status).toBe(200);
  const second = (await answer.json()) as ImportState;
  expect(second).toMatchObject({
    mends: first.importId,
    status: 'completed_with_errors',
    rows: { total: 3, created: 2, rejected: 1 },
  });
  expect(answer.headers.get('Location')).toBe(`/imports/${second.importId}`);
  expect(await first.contact(`a@${domain}`)).toMatchObject({
    phone: '+4930901820',
    attributes: { name: '=A', 'name 2': 'B', number: '007' },
  });
  expect(await (await first.send('GET', '')).json()).toMatchObject({ mendedBy: [second.importId] });

  const after = await first.rejected();
  expect(after.left).toBe(1);
  expect(after.items.map(({ mendedBy }) => mendedBy)).toEqual(Array(3).fill(second.importId));
  expect(await problemOf(await first.mend(2, { Mail: 'x' }))).toMatchObject({ code: 'state_conflict' });
  expect((await first.importMended()).status).toBe(409);
});

test('a wrong address in a further e-mail column is told and mended in that column', async () => {
  const domain = freshName('further-mails.example');
  const rows = [`;b@${domain};Bob`, ';bad;Cem', ';;Dan', `a@${domain};x@${domain};Ada`];
  const first = await importFile(`E-Mail;E-Mail 2;Name\n${rows.join('\n')}\n`);
  const { items } = await first.rejected();
  expect(
    items.map(({ line, faults }) => [line, ...faults.map(({ code, column }) => `${code} ${column}`)]),
  ).toEqual([
    [3, 'email_invalid E-Mail 2'],
    [4, 'email_missing E-Mail'],
  ]);
  const mended = async (row: number, cells: Record<string, string>) =>
    ((await (await first.mend(row, cells)).json()) as RejectedRowItem).faults;
  expect(await mended(2, { 'E-Mail 2': 'still bad' })).toMatchObject([{ column: 'E-Mail 2' }]);
  expect(await mended(2, { 'E-Mail 2': `c@${domain}` })).toEqual([]);
  expect(await mended(3, { 'E-Mail': `d@${domain}` })).toEqual([]);
  expect(await (await first.importMended()).json()).toMatchObject({ rows: { total: 2, created: 2 } });
  expect(await first.contact(`c@${domain}`)).toMatchObject({ firstName: 'Cem', attributes: { name: 'Cem' } });

  // What is exported and imported again is as it was.
  const csv = await (await first.send('GET', `/../../contacts.csv?query=@${domain}`)).text();
  const again = await acceptImport(stack.url, { file: csv });
  const state = await untilEnded(stack.url, again.importId, again.channelToken);
  expect(state.rows).toMatchObject({ total: 4, unchanged: 4 });
});

test('rows that are mended beside one another become one import, and each only one', async () => {
  const domain = freshName('mended-at-once.example');
  const first = await importFile(`email\n${'bad\n'.repeat(40)}`);
  const mend = async (row: number) => (await first.mend(row + 1, { email: `p${row}@${domain}` })).status;
  // A sender may ask ten things at once.
  for (let row = 0; row < 40; row += 8) {
    expect(await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((offset) => mend(row + offset)))).toEqual(
      Array(8).fill(200),
    );
  }
  const answers = await Promise.all([first.importMended(), first.importMended(), first.importMended()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const done = answers.find(({ status }) => status === 200);
  expect(await done?.json()).toMatchObject({ rows: { total: 40, created: 40 } });
  expect((await first.rejected()).left).toBe(0);
});

test('pages follow each other, and hold the rows of one code where one is asked for', async () => {
  const first = await importFile(`email,phone,country\n${'bad,,\nx@example.org,12,DE\n'.repeat(5)}`);
  const numbers: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: RejectedRowsPage = await first.rejected(
      `?limit=2&code=phone_invalid${cursor && `&cursor=${cursor}`}`,
    );
    expect(page.items.length).toBeLessThanOrEqual(2);
    numbers.push(...page.items.map(({ row }) => row));
    cursor = page.nextCursor;
  }
  expect(numbers).toEqual([2, 4, 6, 8, 10]);
});

// The last of two tabs won, and two who mended different cells of one row at once lost one of them.
test('who mends what somebody else has mended meanwhile is told, and different cells are merged', async () => {
  const first = await importFile('email,note,more\nbad,a,b\n');
  const mend = (cells: object, former: object) => first.send('PATCH', '/rejected/1', { cells, former });
  expect((await mend({ email: 'one@x.example' }, { email: 'bad' })).status).toBe(200);
  expect(await problemOf(await mend({ email: 'two@x.example' }, { email: 'bad' }))).toMatchObject({
    status: 412,
    code: 'precondition_failed',
    field: 'former',
  });
  expect((await mend({ email: 'one@x.example' }, { email: 'bad' })).status, 'sent again').toBe(200);
  expect(await (await first.send('GET', '/rejected/1')).json()).toMatchObject({
    ...{ row: 1, mended: true },
    cells: { email: 'one@x.example', note: 'a', more: 'b' },
  });
  for (let round = 0; round < 5; round += 1) {
    const [note, more] = [`note ${round}`, `more ${round}`];
    const answers = await Promise.all([first.mend(1, { note }), first.mend(1, { more })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await first.rejected()).items).toMatchObject([{ cells: { note, more } }]);
  }
  expect((await mend({ email: 'x' }, { nowhere: '' })).status).toBe(400);
});

// `2.0` and the like named row 2, and a column `__proto__` was dropped without a word.
test('a row has one number, and its columns any name', async () => {
  const domain = freshName('any-name.example');
  const first = await importFile('email,__proto__,constructor\nbad,a,b\n');
  for (const name of ['1.0', '01', '1e0', '+1', '%201', '0x1', '-1', '9'.repeat(30)])
    for (const method of ['GET', 'PATCH'])
      expect(
        (await first.send(method, `/rejected/${name}`, method === 'PATCH' ? { cells: {} } : undefined))
          .status,
      ).toBe(404);
  const cells = `{"email":"a@${domain}","__proto__":"c","constructor":"d"}`;
  const mended = await first.send('PATCH', '/rejected/1', { cells: JSON.parse(cells) });
  expect(JSON.stringify(((await mended.json()) as RejectedRowItem).cells)).toBe(cells);
  expect((await first.importMended()).status).toBe(200);
  const contact = await first.contact(`a@${domain}`);
  expect(JSON.stringify(contact?.attributes)).toBe('{"__proto__":"c","constructor":"d"}');
});

test('what cannot be mended is refused, and nothing of the request is kept', async () => {
  const first = await importFile('email,name\nbad,A\nok@example.org,B\nworse,C\n');
  const refusals: [Response, number, string][] = [
    [await first.mend(2, { email: 'x' }), 404, 'not_found'],
    [await first.mend(0, { email: 'x' }), 404, 'not_found'],
    [await first.mend(1, { nowhere: 'x' }), 400, 'invalid_request'],
    [await first.mend(1, { name: 'x'.repeat(140_000) }), 400, 'invalid_request'],
    [await first.send('PATCH', '/rejected/1', { cells: 'x' }), 400, 'invalid_request'],
    [
      await first.send('PATCH', '/rejected', {
        rows: [
          { row: 1, cells: { name: 'kept?' } },
          { row: 2, cells: {} },
        ],
      }),
      404,
      'not_found',
    ],
    [await first.send('GET', '/rejected?code=no_code'), 400, 'invalid_request'],
    [await first.send('GET', '/rejected?cursor=x'), 400, 'invalid_request'],
  ];
  for (const [answer, status, code] of refusals) {
    expect(await problemOf(answer)).toMatchObject({ status, code });
  }
  expect((await first.rejected()).items.map(({ mended }) => mended)).toEqual([false, false]);
  const stranger = await fetch(`${stack.url}/imports/${first.importId}/rejected`);
  expect(stranger.status).toBe(401);
});

test('the answer names the import that the rows have become', async () => {
  const domain = freshName('handed.example');
  const first = await importFile('email\nbad\n');
  await first.mend(1, { email: `a@${domain}` });
  const answer = await first.send('POST', '/rejected/import');
  const handed = (await answer.json()) as HandedRows;
  expect([answer.status, handed.rows]).toEqual([202, 1]);
  expect(await untilEnded(stack.url, handed.importId, first.token)).toMatchObject({
    status: 'completed',
    mends: first.importId,
  });
});

// Support's token wrote contacts of any owner by it, without a reason and without a trace in the audit.
test('support reads rejected rows, and neither mends nor imports them', async () => {
  const first = await importFile('email\nbad\n');
  const asSupport = { Authorization: `Bearer ${stack.supportToken}` };
  expect((await first.send('GET', '/rejected', undefined, asSupport)).status).toBe(200);
  const cells = { email: `x@${freshName('by-support.example')}` };
  for (const answer of [
    await first.send('PATCH', '/rejected/1', { cells }, asSupport),
    await first.send('PATCH', '/rejected', { rows: [{ row: 1, cells }] }, asSupport),
    await first.send('POST', '/rejected/import', undefined, asSupport),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'not_found' });
  expect((await first.rejected()).items).toMatchObject([{ mended: false }]);
});

// Rows of an import that was taken back were left to mend, and nobody could: they had been handed over.
test('rows whose import was taken back are mended and imported again', async () => {
  const domain = freshName('mended-again.example');
  const first = await importFile('email\nbad\nworse\n');
  await first.mend(1, { email: `a@${domain}` });
  const second = (await (await first.importMended()).json()) as ImportState;
  await orderImport(stack.url, second.importId, 'undo', first.token);
  await eventually(async () => {
    const { items, left } = await first.rejected();
    expect([left, items[0]?.mendedBy, items[0]?.mended]).toEqual([2, null, true]);
  });
  expect(await (await first.mend(1, { email: `b@${domain}` })).json()).toMatchObject({ mendedBy: null });
  expect(await (await first.importMended()).json()).toMatchObject({ rows: { total: 1, created: 1 } });
  expect(await first.contact(`a@${domain}`)).toBeUndefined();
  expect(await first.contact(`b@${domain}`)).toMatchObject({ email: `b@${domain}` });
});

// Whoever mended what a dry run had rejected got contacts, of a run that writes none.
test('mended rows of a dry run are a dry run', async () => {
  const domain = freshName('mended-dry.example');
  const first = await importFile('email\nbad\n', { dryRun: 'true' });
  for (const name of ['a', 'b']) {
    await first.mend(1, { email: `${name}@${domain}` });
    const answer = await first.importMended();
    expect(await answer.json()).toMatchObject({ dryRun: true, rows: { total: 1, created: 1 } });
  }
  expect(await first.contact(domain)).toBeUndefined();
  expect((await first.rejected()).left).toBe(1);
});

// The first import would have taken the row, and the one that mended it rejected it for its phone number.
test('mended rows may lack what the first import left out', async () => {
  const domain = freshName('mended-lenient.example');
  const first = await importFile('email,phone\nbad,12\n', { invalidFields: 'leave-out' });
  const kept = await first.mend(1, { email: `a@${domain}` });
  expect(await kept.json(), 'it is checked by the same rules').toMatchObject({ mended: true, faults: [] });
  expect(await (await first.importMended()).json()).toMatchObject({ warnings: 1, rows: { created: 1 } });
  expect(await first.contact(`a@${domain}`)).toMatchObject({ phone: '', attributes: { phone: '12' } });
});
