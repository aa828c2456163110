import { once } from 'node:events';
import type { ContactStore, RejectedRow } from '@tidings/contact-store/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { sendRaw } from '@tidings/testing/raw-connection.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';

/** A server with one import, whose rejected rows never end. @param codes of each row */
async function start(codes: RejectedRow['codes']) {
  const importId = uuidv7();
  const reading = { batches: 0, ended: 0 };
  const cells = ['x'.repeat(100_000), 'surplus'];
  const contactStore = {
    getImport: async () => ({
      owner: 'mira',
      state: { importId, channelId: 'c', fileName: 'a.csv', status: 'completed' },
    }),
    importLayout: async () => ({
      header: ['email'],
      delimiter: ',',
      rejected: { surplusCells: true, recordFaults: true },
    }),
    async *rejectedRows() {
      try {
        for (let row = 0; ; row += 1) {
          await new Promise(setImmediate);
          reading.batches += 1;
          yield [{ row, line: row + 2, codes, reason: '', cells }];
        }
      } finally {
        reading.ended += 1;
      }
    },
  };
  const { port } = await startApiServer(await startFaultyLog(), {
    contactStore: contactStore as unknown as ContactStore,
  });
  const request = `GET /imports/${importId}/rejected.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SUPPORT_TOKEN}\r\n\r\n`;
  return { port, reading, download: () => sendRaw(port, request).socket };
}

test('nothing more is read for a client that has left', async () => {
  const { reading, download } = await start(['email_invalid']);
  const socket = download();
  await eventually(() => expect(reading.batches).toBeGreaterThan(2));
  socket.destroy();
  await eventually(() => expect(reading.ended).toBe(1));
});

test('what a client does not take is not read', async () => {
  const { port, reading, download } = await start(['too_many_cells']);
  const socket = download();
  await once(socket, 'data');
  socket.pause();
  for (let request = 0; request < 300; request += 1) await fetch(`http://127.0.0.1:${port}/livez`);
  // What the system's buffers take, and little more.
  expect(reading.batches).toBeLessThan(200);
  const before = reading.batches;
  socket.resume();
  await eventually(() => expect(reading.batches).toBeGreaterThan(before + 200));
  socket.destroy();
  await eventually(() => expect(reading.ended).toBe(1));
});
