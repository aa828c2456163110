/** Chunks are gone from the log, or cannot be read by any importer: their imports end, on both sets of engines. */
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ChunkItem, DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import { acceptImport } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../test/contacts-file.ts';
import { shareImportCircle } from '../test/import-circle.ts';

const ROWS = 6_000;
/** Within two minutes, as the product promises. */
const PROMISED = { withinMs: 120_000, everyMs: 500 };

describe.each(['embedded', 'distributed'] as const)('on %s engines', (kind) => {
  const circle = shareImportCircle(kind);

  /** Resolves once the whole file is on the log. */
  async function send(domain: string): Promise<string> {
    const { importId } = await acceptImport(circle().url, { file: makeContactsFile(ROWS, domain).bytes });
    return importId;
  }

  function untilEnded(importId: string, status: ImportState['status']): Promise<ImportState> {
    return eventually(async () => {
      const state = await circle().state(importId);
      expect(state).toMatchObject({ status, reconciled: true });
      return state;
    }, PROMISED);
  }

  async function letterOf(importId: string): Promise<DeadLetterItem | undefined> {
    const { items } = await circle().get<Page<DeadLetterItem>>('/dead-letters?limit=500');
    return items.find(({ key }) => key.startsWith(importId));
  }

  /** Removes everything that stands in the topics of chunks, as an operator may. */
  async function deleteChunks(): Promise<void> {
    const { log } = circle();
    const topics = [workTopics.express.topic, workTopics.bulk.topic];
    const operator = await log.consume({ group: 'operator', topics, handler: async () => undefined });
    onTestFinished(() => operator.stop());
    await eventually(async () => {
      for (const topic of topics) {
        await log.purge(topic, 'operator');
        expect(await readAll(log, topic)).toEqual([]);
      }
    });
  }

  test('their rows have failed, and one that is tried again counts no second time', async () => {
    circle().unreadable = 1;
    const unreadable = await send('unreadable.example');
    circle().unreadable = null;
    await eventually(
      async () => expect((await circle().state(unreadable)).chunks.completed).toBeGreaterThan(2),
      PROMISED,
    );
    await circle().stopImporter();
    onTestFinished(() => circle().startImporter());
    const [gone, cancelled] = [await send('gone.example'), await send('cancelled.example')];
    await deleteChunks();
    await circle().startImporter();
    await circle().post(`/imports/${cancelled}/cancel`, { reason: 'Nobody wants it.' });

    const [lost, stopped, partly] = await Promise.all([
      untilEnded(gone, 'completed_with_errors'),
      untilEnded(cancelled, 'cancelled'),
      untilEnded(unreadable, 'completed_with_errors'),
    ]);
    expect(lost.rows).toMatchObject({ total: ROWS, created: 0, failed: ROWS, cancelled: 0 });
    expect(lost.chunks).toMatchObject({ completed: 0, failed: lost.chunks.total });
    // What was to run no more has not failed, wherever it is.
    expect(stopped.rows).toMatchObject({ total: ROWS, created: 0, failed: 0, cancelled: ROWS });
    expect(stopped.chunks).toMatchObject({ completed: stopped.chunks.total, failed: 0 });
    expect(partly.chunks.failed).toBe(1);
    expect(partly.rows.failed).toBeGreaterThan(0);
    expect(sumRows(partly.rows)).toBe(ROWS);
    const { items } = await circle().get<Page<ChunkItem>>(`/imports/${unreadable}/chunks?status=lost`);
    expect(items).toMatchObject([{ chunk: 1, error: { code: 'chunk_lost' } }]);
    for (const importId of [gone, unreadable])
      expect((await circle().told(importId)).filter((type) => type === 'import.chunks_lost')).toHaveLength(1);

    // Requeued, it is dead again, and counts no second time.
    const letter = await letterOf(unreadable);
    const path = `/dead-letters/${encodeURIComponent(letter?.id ?? '')}/requeue`;
    expect((await circle().post(path, { reason: 'The fault is mended.' })).status).toBe(202);
    await eventually(async () => {
      const again = await letterOf(unreadable);
      expect([again?.key, again?.id === letter?.id]).toEqual([letter?.key, false]);
    });
    expect((await circle().state(unreadable)).rows).toEqual(partly.rows);
  });
});
