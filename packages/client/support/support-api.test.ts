import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { expect, test } from 'vitest';
import { closeSupportSession, createSupportApi, openSupportSession } from '../support.ts';

test('support reads lists, and gives its orders with their reason, at the addresses of the API', async () => {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push([request.method, request.url, body].filter((part) => part !== '').join(' '));
    response.end('{"items":[],"nextCursor":null}');
  });
  const { url: baseUrl } = await startTestServer(server);
  const api = createSupportApi({ baseUrl, token: () => 'support' });
  const place = { group: 'aggregator', topic: 'import-commands', partition: 3 };
  const letter = 'import-work.bulk/2/17';
  expect(await api.listDeadLetters({ group: 'importer-bulk', limit: 5 })).toEqual({
    items: [],
    nextCursor: null,
  });
  await api.requeueDeadLetter(letter, 'mended');
  await api.skipDeadLetter(letter, 'lost');
  await api.listBlocked();
  await api.retryBlocked(place, 'mended');
  await api.skipBlocked(place, 'lost');
  await api.listAudit({ cursor: '7' });
  await api.listChunks('i', { status: 'dead' });
  await api.requeueChunk('i', 4, 'mended');
  await api.retryChunk('i', 4, 'mended');
  await api.skipChunk('i', 4, 'lost');
  await api.requeueChunks('i', 'mended');
  expect((await api.exportOwner('mira & co')).size).toBeGreaterThan(0);
  await api.patchContactVersion('c', { firstName: 'Ada' }, 7);
  expect((await api.fetchContactsCsv({ query: 'é', delimiter: ';' })).size).toBeGreaterThan(0);
  await api.eraseOwner('mira & co');
  await api.eraseOwner('mira', 'she asked for it');
  await api.cancelImport('i', 'the wrong file');
  await api.undoImport('i', 'the wrong file');
  await api.retryImport('i', 'mended');
  await api.openImportChannel('i');
  expect((await api.fetchRejectedXlsx('i')).size).toBeGreaterThan(0);
  await api.listWebhooks();
  await api.listDeliveries('w', { limit: 9 });
  await api.resendDelivery('w', 'd');
  await api.resendDelivery('w', 'd', 'mended');
  await api.skipDelivery('w', 'd', 'lost');
  await api.unblockWebhook('w', 'mended');
  await api.testWebhook('w', 'mended');
  await api.deleteWebhook('w', 'she asked for it');
  await openSupportSession({ baseUrl, token: () => 'support' });
  await closeSupportSession({ baseUrl });
  expect(requests).toEqual([
    'GET /dead-letters?group=importer-bulk&limit=5',
    'POST /dead-letters/import-work.bulk/2/17/requeue {"reason":"mended"}',
    'POST /dead-letters/import-work.bulk/2/17/skip {"reason":"lost"}',
    'GET /blocked',
    'POST /blocked/aggregator/import-commands/3/retry {"reason":"mended"}',
    'POST /blocked/aggregator/import-commands/3/skip {"reason":"lost"}',
    'GET /audit?cursor=7',
    'GET /imports/i/chunks?status=dead',
    'POST /imports/i/chunks/4/requeue {"reason":"mended"}',
    'POST /imports/i/chunks/4/retry {"reason":"mended"}',
    'POST /imports/i/chunks/4/skip {"reason":"lost"}',
    'POST /imports/i/chunks/requeue {"reason":"mended"}',
    'GET /owners/mira%20%26%20co/export',
    'PATCH /contacts/c {"firstName":"Ada"}',
    'GET /contacts.csv?query=%C3%A9&delimiter=%3B',
    'DELETE /owners/mira%20%26%20co',
    'DELETE /owners/mira {"reason":"she asked for it"}',
    'POST /imports/i/cancel {"reason":"the wrong file"}',
    'POST /imports/i/undo {"reason":"the wrong file"}',
    'POST /imports/i/retry {"reason":"mended"}',
    'POST /imports/i/channel-tokens',
    'GET /imports/i/rejected.xlsx',
    'GET /webhooks',
    'GET /webhooks/w/deliveries?limit=9',
    'POST /webhooks/w/deliveries/d/resend',
    'POST /webhooks/w/deliveries/d/resend {"reason":"mended"}',
    'POST /webhooks/w/deliveries/d/skip {"reason":"lost"}',
    'POST /webhooks/w/unblock {"reason":"mended"}',
    'POST /webhooks/w/test {"reason":"mended"}',
    'DELETE /webhooks/w {"reason":"she asked for it"}',
    'POST /support-session',
    'DELETE /support-session',
  ]);
});
