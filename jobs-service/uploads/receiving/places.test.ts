import { type RawConnection, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { bodyChunk, filePart, formField, uploadHead, wholeUpload } from '../../test/raw-upload.ts';

const PATIENT = { startMs: 60_000, idleMs: 60_000 };

/** Uploads whose file has begun and does not end. */
function holdPlaces(port: number, count: number, headers = '', from?: string): RawConnection[] {
  return Array.from({ length: count }, () =>
    sendRaw(port, uploadHead(headers) + bodyChunk(filePart.slice(0, -10)), from),
  );
}

const answersOf = (connections: readonly RawConnection[]) =>
  connections.flatMap((connection) => connection.statuses()).sort();

test('one address has four places of six, and another address has the rest', async () => {
  const { port } = await startApiServer(await startFaultyLog(), { maxUploads: 6, patience: PATIENT });
  const held = holdPlaces(port, 6);
  await eventually(() => expect(answersOf(held)).toEqual([429, 429]));
  const refused = held.find((connection) => connection.statuses().length > 0);
  expect(refused?.received()).toMatch(/Retry-After: \d+/);
  expect(refused?.received()).toMatch(/4 uploads of yours are running. Try again in \d+ seconds/);
  const elsewhere = holdPlaces(port, 3, '', '127.0.0.2');
  await eventually(() => expect(answersOf(elsewhere)).toEqual([429]));
  // The place of an upload that has broken off is free again.
  held.find((connection) => connection.statuses().length === 0)?.socket.destroy();
  await eventually(async () => {
    const next = sendRaw(port, wholeUpload(filePart), '127.0.0.2');
    await eventually(() => expect(next.statuses()).toHaveLength(1));
    expect(next.statuses()).toEqual([202]);
  });
});

const USER_JWT_SECRET = 'u'.repeat(32);

test('where people sign in a stranger gets no place, and an owner four, from whatever address', async () => {
  const { port, tokens } = await startApiServer(await startFaultyLog(), {
    maxUploads: 6,
    patience: PATIENT,
    userJwtSecret: USER_JWT_SECRET,
  });
  const authorization = async (owner: string) => {
    const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
    return `Authorization: Bearer ${token}\r\n`;
  };
  const stranger = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from('x'.repeat(32)));
  const strangers = [
    ...holdPlaces(port, 20),
    ...holdPlaces(port, 20, `Authorization: Bearer ${stranger}\r\n`),
    // A token in the form is read only once the upload has a place.
    sendRaw(port, uploadHead() + bodyChunk(formField('channelToken', stranger))),
  ];
  await eventually(() => expect(answersOf(strangers)).toEqual(Array(41).fill(401)));
  const first = [
    ...holdPlaces(port, 4, await authorization('first')),
    ...holdPlaces(port, 1, await authorization('first'), '127.0.0.2'),
  ];
  await eventually(() => expect(answersOf(first)).toEqual([429]));
  const second = sendRaw(port, wholeUpload(filePart, await authorization('second')));
  await eventually(() => expect(second.statuses()).toEqual([202]));
});
