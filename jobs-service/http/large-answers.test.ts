/** The bound on large answers. Without it twelve pages of contacts of 100 KB each held 2 GB until their clients read them. */
import { once } from 'node:events';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { type RawConnection, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { type AnswerLimits, LargeAnswers } from './large-answers.ts';

const large = { email: 'x'.repeat(16_000_000) } as Contact;
const small = { email: 'anna@example.org' } as Contact;

/** A server whose pages are large where their limit is 500. */
async function start(limits: Partial<AnswerLimits>) {
  const reading = { now: 0, most: 0, released: Promise.resolve() };
  const contactStore: Partial<ContactStore> = {
    async listContacts({ limit }) {
      reading.now += 1;
      reading.most = Math.max(reading.most, reading.now);
      await reading.released;
      reading.now -= 1;
      return { items: [limit === 500 ? large : small], nextCursor: null, total: 1, unsorted: 0 };
    },
  };
  const { port, tokens } = await startApiServer(await startFaultyLog(), {
    contactStore: contactStore as ContactStore,
    answers: new LargeAnswers(limits),
    userJwtSecret: 'u'.repeat(32),
  });
  const tokenOf = (owner: string) => tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
  const get = async (owner: string, limit: number) =>
    fetch(`http://127.0.0.1:${port}/contacts?limit=${limit}`, {
      headers: { Authorization: `Bearer ${await tokenOf(owner)}` },
    });
  /** A client that asks for a large page, and reads none of it once it has begun. */
  const stall = async (owner: string): Promise<RawConnection> => {
    const authorization = `Authorization: Bearer ${await tokenOf(owner)}`;
    const connection = sendRaw(
      port,
      `GET /contacts?limit=500 HTTP/1.1\r\nHost: x\r\n${authorization}\r\n\r\n`,
    );
    await once(connection.socket, 'data');
    connection.socket.pause();
    return connection;
  };
  return { get, stall, reading };
}

test('few large answers are sent at once, to one sender and in all, and small ones are not counted', async () => {
  const { get, stall } = await start({ held: 3, heldBySender: 2 });
  const stalled = [await stall('mira'), await stall('mira')];
  const refused = await get('mira', 500);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
  expect((await get('mira', 10)).status).toBe(200);
  stalled.push(await stall('noor'));
  expect((await get('ines', 500)).status).toBe(429);
  expect((await get('ines', 10)).status).toBe(200);
  for (const { socket } of stalled) socket.destroy();
  await eventually(async () => expect((await get('ines', 500)).status).toBe(200));
  await eventually(async () => expect((await get('mira', 500)).status).toBe(200));
});

test('a large answer that its client does not take in time is cut off', async () => {
  const { get, stall } = await start({ held: 1, patienceMs: 200 });
  const { socket } = await stall('mira');
  await eventually(async () => expect((await get('noor', 500)).status).toBe(200));
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
  expect(socket.bytesRead).toBeLessThan(large.email.length);
});

test('few pages are read at once', async () => {
  const { get, reading } = await start({ read: 2 });
  // Reads that end by themselves may end before the next one begins, and then overlap nowhere.
  let release = () => {};
  reading.released = new Promise((resolve) => {
    release = resolve;
  });
  const answers = Promise.all(Array.from({ length: 20 }, (_, owner) => get(`owner ${owner}`, 10)));
  await eventually(() => expect(reading.now).toBe(2));
  release();
  expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  expect(reading.most).toBe(2);
});
