/** Tidings is killed in mid-undo and in mid-cancel: each ends by itself after the start, and every contact and row counts once. */
import { buckets, type ImportState, isAtRest, rowsReported } from '@tidings/contracts/imports/import.ts';
import { acceptImport, getJson, orderImport, untilEnded } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../test/contacts-file.ts';
import { startFileStack } from '../test/file-stack.ts';
import { listen } from '../test/listener.ts';
import { beginUpload } from '../test/streamed-upload.ts';

/** Rows whose contacts fill several pages of an undo. */
const ROWS = 30_000;

const stack = await startFileStack();

const stateOf = (importId: string) =>
  getJson<ImportState>(`${stack.url}/imports/${importId}`, stack.supportToken);

/** Resolves with a state that satisfies the condition, as soon as it can be seen. */
function untilState(importId: string, condition: (state: ImportState) => boolean): Promise<ImportState> {
  return eventually(
    async () => {
      const state = await stateOf(importId);
      expect(state).toSatisfy(condition);
      return state;
    },
    { withinMs: 90_000, everyMs: 20 },
  );
}

async function restart(): Promise<void> {
  await stack.kill();
  await stack.start();
}

const isChecked = (state: ImportState) => isAtRest(state) && state.reconciled === true;
const isTakingBack = ({ undo }: ImportState) => undo !== null && undo.reversed > 0 && undo.endedAt === null;

async function contactsWith(domain: string, token: string): Promise<unknown[]> {
  const { items } = await getJson<{ items: unknown[] }>(`${stack.url}/contacts?query=${domain}`, token);
  return items;
}

/** The types that the channel's history has, in their order. */
async function historyOf(channelId: string, token: string): Promise<string[]> {
  const { opened } = await listen(stack.url, { channelId, token });
  return opened.snapshot.durable.map(({ type }) => type);
}

test('killed before the first page of an undo and between two others, it takes back every contact once', async () => {
  onTestFailed(() => void process.stdout.write(stack.output()));
  const file = makeContactsFile(ROWS, 'undone.example');
  const { importId, channelId, channelToken } = await acceptImport(stack.url, { file: file.bytes });
  const { rows } = await untilEnded(stack.url, importId, channelToken);
  await orderImport(stack.url, importId, 'undo', channelToken);
  await restart();
  await untilState(importId, isTakingBack);
  await restart();
  const state = await untilState(importId, isChecked);
  expect(state).toMatchObject({
    ...{ status: 'undone', rows: { ...rows, ...file.expected } },
    undo: { reversed: file.expected.created, kept: 0, failed: 0 },
  });
  expect(await contactsWith(file.domain, channelToken)).toEqual([]);
  const types = await historyOf(channelId, channelToken);
  expect(types.filter((type) => type === 'import.undone')).toHaveLength(1);
});

test('killed while it takes back an upload that broke off, it takes back every contact once', async () => {
  onTestFailed(() => void process.stdout.write(stack.output()));
  const { opened, until } = await listen(stack.url);
  const { channelId, token } = opened;
  const upload = beginUpload(stack.url, { channelId, channelToken: token });
  onTestFinished(() => upload.destroy());
  const file = makeContactsFile(2 * ROWS, 'broken.example');
  await upload.send(file.bytes.subarray(0, 3_000_000));
  const { subject: importId } = await until(({ data }) => rowsReported(data as ImportState) > ROWS / 2);
  upload.destroy();
  await untilState(importId, isTakingBack);
  await restart();
  const state = await untilState(importId, isChecked);
  expect(state).toMatchObject({ status: 'failed', upload: 'aborted', uploadError: 'connection_broken' });
  expect(rowsReported(state)).toBe(state.rows.total);
  expect(state.undo).toMatchObject({ reversed: state.rows.created, kept: 0, failed: 0 });
  expect(await contactsWith(file.domain, token)).toEqual([]);
  const types = await historyOf(channelId, token);
  expect(types.filter((type) => type === 'import.failed' || type === 'import.undone')).toEqual([
    ...['import.failed', 'import.undone'],
  ]);
});

test('killed while it cancels an import, it ends the import as cancelled, with every row in one bucket', async () => {
  onTestFailed(() => void process.stdout.write(stack.output()));
  const file = makeContactsFile(4 * ROWS, 'cancelled.example');
  const { importId, channelId, channelToken } = await acceptImport(stack.url, { file: file.bytes });
  await untilState(importId, ({ status }) => status === 'importing');
  await orderImport(stack.url, importId, 'cancel', channelToken);
  await restart();
  const state = await untilState(importId, isChecked);
  expect(state).toMatchObject({ status: 'cancelled', undo: null, rows: { total: file.rows, failed: 0 } });
  expect(rowsReported(state)).toBe(file.rows);
  expect(state.rows.cancelled).toBeGreaterThan(0);
  for (const bucket of buckets.filter((name) => name !== 'cancelled'))
    expect(state.rows[bucket]).toBeLessThanOrEqual(file.expected[bucket]);
  const types = await historyOf(channelId, channelToken);
  expect(types.filter((type) => type === 'import.cancelled')).toHaveLength(1);
});
