/** What stands in cells, addresses and searches never shows in logs, metrics or notifications; aborted uploads leave nothing behind. */
import { readdirSync } from 'node:fs';
import { acceptImport, getJson, postImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { startFileStack } from '../../test/file-stack.ts';
import { freshName } from '../../test/fresh-name.ts';
import { listen } from '../../test/listener.ts';
import { beginUpload } from '../../test/streamed-upload.ts';

const stack = await startFileStack({ LOG_LEVEL: 'trace', TRUST_PROXY: '1' });

const CANARY = 'kanarienvogel4711';

/** Cells that are imported, that are refused, and that break their record. */
const makeFile = () =>
  [
    `email,first name,phone,country,${CANARY}-column`,
    `${CANARY}@${freshName('canary.example')},${CANARY},+4915112345678,DE,${CANARY}`,
    `${CANARY} is no address,${CANARY},,DE,${CANARY}`,
    `second@example.org,${CANARY},${CANARY},${CANARY},${CANARY}`,
    `third@example.org,"${CANARY}" broken,,DE,${CANARY}`,
    `fourth@example.org,${CANARY},too,many,cells,${CANARY}`,
    '',
  ].join('\n');

test('a canary in cells, in a column’s name, in a search and in a change is in no log line, metric or notification', async () => {
  const support = await listen(stack.url, { channelId: 'support', token: stack.supportToken });
  const owner = await listen(stack.url);
  const { channelId, token } = owner.opened;
  const accepted = await acceptImport(stack.url, {
    file: makeFile(),
    fields: { channelId, channelToken: token },
  });
  const state = await untilEnded(stack.url, accepted.importId, token);
  expect(state.rows).toMatchObject({ total: 5, created: 1, rejected: 4 });
  // A file that is refused for its first bytes.
  await postImport(stack.url, { file: `${CANARY};${CANARY}\n${CANARY};1\n` });
  const headers = { Authorization: `Bearer ${token}` };
  const found = await getJson<{ items: { id: string; version: number }[] }>(
    `${stack.url}/contacts?query=${CANARY}`,
    token,
  );
  expect(found.items.length).toBeGreaterThan(0);
  const contact = `${stack.url}/contacts/${found.items[0]?.id}`;
  const change = {
    version: found.items[0]?.version,
    firstName: `${CANARY}-changed`,
    email: `${CANARY} no address`,
  };
  await fetch(contact, {
    method: 'PATCH',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
  });
  await fetch(`${stack.url}/${CANARY}`, { headers: { Authorization: `Bearer ${CANARY}` } });
  await fetch(contact, { method: 'DELETE', headers });
  for (const listener of [owner, support]) await listener.until(({ final }) => final === true);
  const metrics = await (await fetch(`${stack.url}/metrics`)).text();
  expect(metrics).toContain('tidings_');
  expect(stack.output()).toContain('"level":20');
  for (const told of [
    stack.output(),
    metrics,
    JSON.stringify(support.received),
    JSON.stringify(owner.received),
  ])
    expect(told).not.toContain(CANARY);
}, 120_000);

const openDescriptors = () => readdirSync(`/proc/${stack.pid}/fd`).length;

async function abortUploads(count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const address = `10.2.${number >> 8}.${number & 0xff}`;
    const upload = beginUpload(stack.url, {}, { 'X-Forwarded-For': address });
    await upload.send(Buffer.from(`email,name\n${number}@example.org,x\n`));
    upload.destroy();
  }
}

test('500 aborted uploads leave no descriptor open, and the server goes on', async () => {
  await abortUploads(20);
  const before = await eventually(() => openDescriptors());
  await abortUploads(500);
  await eventually(() => expect(openDescriptors()).toBeLessThanOrEqual(before + 10), {
    withinMs: 60_000,
    everyMs: 100,
  });
  const running = () =>
    getJson<{ items: { upload: string }[] }>(`${stack.url}/imports?limit=500`, stack.supportToken);
  await eventually(
    async () => expect((await running()).items.filter(({ upload }) => upload === 'receiving')).toEqual([]),
    { withinMs: 60_000, everyMs: 500 },
  );
  const { importId, channelToken } = await acceptImport(stack.url, {
    file: `email\nlast@${freshName('canary.example')}\n`,
  });
  expect((await untilEnded(stack.url, importId, channelToken)).rows).toMatchObject({ total: 1, created: 1 });
}, 240_000);
