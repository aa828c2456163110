/** A requeue whose look-up of the import and whose command lie apart, while the import ends and is forgotten. */
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import { isAtRest, noRows } from '@tidings/contracts/import.ts';
import type { ImportCommand } from '@tidings/contracts/import-commands.ts';
import { decodeFoldedImport } from '@tidings/contracts/schemas/folded-import.ts';
import { expect, test } from 'vitest';
import { cameTooLate, fold } from './fold.ts';
import { decodeImportFold, encodeImportFold, type ImportFold } from './import-fold.ts';

const importId = '0198c0de-0000-7000-8000-000000000002';
const uploadId = '0198c0de-0000-7000-8000-000000000010';
const names = { channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo: true };
const completed = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), created: 5 } },
});

/** An import of two chunks: the second one has failed, and the first one is under way. */
function begin() {
  let live: ImportFold | undefined;
  let stored: FoldedImport | null = null;
  let offset = 0;
  const send = (command: ImportCommand) => {
    offset += 1;
    const eventId = `0198c0de-0000-7000-9000-${String(offset).padStart(12, '0')}`;
    const cause = { eventId, correlationId: importId, traceparent: '' };
    const result = fold(live, { importId, command, cause, offset, timestamp: 1_000 * offset });
    live = result.next == null ? undefined : decodeImportFold(encodeImportFold(result.next));
    return result;
  };
  send({ type: 'import.accepted', data: { uploadId, ...names } });
  send({ type: 'upload.sealed', data: { uploadId, chunks: 2, rows: 10, bytes: 9 } });
  send({ type: 'chunk.failed', data: { uploadId, chunk: 1, rows: 5, code: 'x', message: 'x' } });
  const version = () => live?.state.version ?? -1;
  const end = [
    () => send(completed(0)),
    () => send({ type: 'import.compared', data: { version: version(), reconciled: true } }),
    () => {
      if (live !== undefined) stored = decodeFoldedImport(encodeImportFold(live));
      send({ type: 'import.projected', data: { version: version() } });
    },
  ];
  const lookUp = () => {
    if (live === undefined) return stored;
    return isAtRest(live.state) ? decodeFoldedImport(encodeImportFold(live)) : null;
  };
  const requeue = (folded: FoldedImport | null) => {
    const command: ImportCommand = { type: 'chunk.requeued', data: { uploadId, chunk: 1, rows: 5, folded } };
    return cameTooLate(command, send(command));
  };
  return { send, end, lookUp, requeue, live: () => live };
}

const places = [0, 1, 2, 3];
const interleavings = places.flatMap((look) =>
  places
    .filter((obey) => obey >= look)
    .flatMap((obey) => [true, false].map((isLate) => ({ look, obey, isLate }))),
);

test.each(interleavings)(
  'a requeue counts: looked up after $look steps of the end, sent after $obey, its first report late: $isLate',
  ({ look, obey, isLate }) => {
    const { send, end, lookUp, requeue, live } = begin();
    let found: FoldedImport | null = null;
    let times = 0;
    for (const place of places) {
      if (place === look) found = lookUp();
      if (place === obey) {
        times += 1;
        if (requeue(found)) {
          // The chunk is on its topic all the same, and its first report may come at any time.
          if (!isLate) send(completed(1));
          times += 1;
          expect(requeue(lookUp())).toBe(false);
        }
      }
      end[place]?.();
    }
    // Each time it was put back.
    for (let time = 0; time < times; time += 1) send(completed(1));
    expect(live()?.state).toMatchObject({
      ...{ status: 'completed', rows: { total: 10, created: 10, failed: 0 } },
      chunks: { total: 2, completed: 2, failed: 0 },
    });
    expect(times).toBe(look === 0 && obey === 3 ? 2 : 1);
  },
);
