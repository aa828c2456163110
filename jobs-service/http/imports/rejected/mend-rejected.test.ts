import type { RejectedRowItem, RejectedRowsPage } from '@tidings/contracts/imports/rejected-rows.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { startApiServer } from '../../../test/api-server.ts';
import { addRejectedRows } from '../../../test/contact-store.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { foldedImport, keep } from '../../../test/folded-import.ts';

const store = shareContactStore();

// The files told their reasons in the reader's language, and the same rows as JSON told them in English alone.
test('every answer with rejected rows tells reasons in the language that is asked for, else that is preferred, else in English', async () => {
  const { log } = await startFaultyLog();
  const { port, issueToken } = await startApiServer({ log }, { contactStore: store() });
  const folded = foldedImport(`mira-${uuidv7()}`);
  await keep(log, folded);
  const { owner, uploadId, state } = folded;
  await addRejectedRows(store(), { owner, uploadId, importId: state.importId }, ['no address', 'Anna']);
  const Authorization = `Bearer ${await issueToken(owner)}`;
  const ask = (path: string, accepted: string, method = 'GET', body?: object) =>
    fetch(`http://127.0.0.1:${port}/imports/${state.importId}/rejected${path}`, {
      method,
      headers: { Authorization, 'Accept-Language': accepted, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const cells = { name: 'Anna B.' };
  const asks = [
    ['', 'GET', undefined],
    ['/1', 'GET', undefined],
    ['', 'PATCH', { rows: [{ row: 1, cells }] }],
    ['/1', 'PATCH', { cells }],
  ] as const;
  for (const [path, method, body] of asks) {
    for (const [query, accepted, language, reason] of [
      ['?language=de', 'uk', 'de', 'Die E-Mail-Adresse ist nicht gültig.'],
      ['', 'fr, es-MX;q=0.8, de;q=0.5', 'es', 'La dirección de correo electrónico no es válida.'],
      ['', 'fr', 'en', 'The e-mail address is not valid.'],
    ] as const) {
      const answer = await ask(path + query, accepted, method, body);
      expect([answer.status, answer.headers.get('Content-Language')]).toEqual([200, language]);
      expect(answer.headers.get('Vary')).toContain('Accept-Language');
      const told = (await answer.json()) as RejectedRowItem | Pick<RejectedRowsPage, 'items'>;
      const [item] = 'items' in told ? told.items : [told];
      expect(item?.faults.map((fault) => fault.reason)).toEqual([reason]);
    }
    const refused = await ask(`${path}?language=fr`, 'de', method, body);
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'invalid_request' }]);
  }
  for (const [method, body] of [['GET'], ['PATCH', { cells }]] as const) {
    const none = await ask('/7', 'de', method, body);
    expect([none.status, none.headers.get('Content-Language')], 'a problem is in English').toEqual([
      404,
      null,
    ]);
  }
});
