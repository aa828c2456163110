/** A chunk fails by its content, becomes a dead letter, and is mended by people, on both sets of engines. */
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import type { AuditItem, ChunkItem, DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { acceptImport, problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freshName } from '../test/fresh-name.ts';
import { shareImportCircle } from '../test/import-circle.ts';

const ROWS = 12_000;
const reason = { reason: 'The fault is mended.' };

/** A file of several chunks, one of which holds a poisonous row. */
function poisonousFile(): string {
  const domain = freshName('poison.example');
  const notes = 'n'.repeat(30);
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const name = row === 7_000 ? 'poison' : 'person';
    return `${name}${row}@${domain},P${row},${notes}`;
  });
  return `Email,First name,Notes\n${lines.join('\n')}\n`;
}

describe.each(['embedded', 'distributed'] as const)('on %s engines', (kind) => {
  const circle = shareImportCircle(kind);

  /** An import with one dead chunk, which the log has forgotten already. */
  async function deadImport(): Promise<AcceptedImport & { readonly chunk: number; readonly rows: number }> {
    circle().broken = true;
    const accepted = await acceptImport(circle().url, { file: poisonousFile() });
    const { importId } = accepted;
    await eventually(async () =>
      expect((await circle().state(importId)).status).toBe('completed_with_errors'),
    );
    await forgotten(importId);
    const { items } = await circle().get<Page<ChunkItem>>(`/imports/${importId}/chunks?status=dead`);
    const [dead] = items;
    if (dead === undefined) throw new Error('no chunk is dead');
    return { ...accepted, chunk: dead.chunk, rows: dead.rows ?? 0 };
  }

  async function forgotten(importId: string): Promise<void> {
    await eventually(async () => {
      const states = (await readAll(circle().log, topics.state)).filter(({ key }) => key === importId);
      expect(states.at(-1)?.value ?? null).toBeNull();
    });
  }

  async function letterOf(importId: string): Promise<DeadLetterItem | undefined> {
    const { items } = await circle().get<Page<DeadLetterItem>>('/dead-letters?limit=500');
    return items.find((letter) => letter.importId === importId);
  }

  function untilCompleted(importId: string): Promise<ImportState> {
    return eventually(async () => {
      const state = await circle().state(importId);
      expect([state.status, state.reconciled]).toEqual(['completed', true]);
      return state;
    });
  }

  test('a requeued chunk corrects buckets, status, notifications, projection and comparison', async () => {
    circle().attempts = 0;
    const { importId, chunk, rows } = await deadImport();
    expect(circle().attempts).toBe(3);
    const failed = await circle().state(importId);
    expect(failed).toMatchObject({
      rows: { total: ROWS, created: ROWS - rows, failed: rows },
      chunks: { failed: 1 },
    });
    expect(rows).toBeGreaterThan(0);
    expect(failed.reconciled).toBe(true);
    const letter = await letterOf(importId);
    expect(letter).toMatchObject({ importId, chunk, attempts: 3, error: { code: 'internal' } });
    expect(JSON.stringify(letter)).not.toContain('.example');

    circle().broken = false;
    const path = `/imports/${importId}/chunks/${chunk}/requeue`;
    expect(await problemOf(await circle().post(path))).toMatchObject({
      code: 'invalid_request',
      field: 'reason',
    });
    // Both orders may find the dead letter, and one of them counts.
    const answers = await Promise.all([circle().post(path, reason), circle().post(path, reason)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const state = await untilCompleted(importId);
    expect(state).toMatchObject({
      rows: { total: ROWS, created: ROWS, failed: 0 },
      chunks: { total: failed.chunks.total, completed: failed.chunks.total, failed: 0 },
    });
    expect(circle().attempts).toBe(4);
    expect(await letterOf(importId)).toBeUndefined();
    await forgotten(importId);
    expect((await circle().contactStore.getImport(importId))?.state).toMatchObject({
      status: 'completed',
      reconciled: true,
    });
    expect((await circle().state(importId)).rows).toEqual(state.rows);
    expect(await circle().told(importId)).toEqual([
      ...['import.accepted', 'import.sealed', 'import.chunk_failed', 'import.completed_with_errors'],
      ...['import.reconciled', 'import.completed', 'import.reconciled'],
    ]);
    const { items: audit } = await circle().get<Page<AuditItem>>('/audit');
    expect(audit.filter((item) => item.importId === importId)).toMatchObject(
      [1, 2].map(() => ({ action: 'requeue', who: 'support', ...reason, chunk })),
    );
    const { items: chunks } = await circle().get<Page<ChunkItem>>(`/imports/${importId}/chunks`);
    expect(chunks.map(({ status }) => status)).toEqual(chunks.map(() => 'completed'));
    expect(chunks.reduce((sum, item) => sum + (item.rows ?? 0), 0)).toBe(ROWS);
  });

  test('the owner has everything that failed worked off again, once', async () => {
    const { importId, channelToken } = await deadImport();
    circle().broken = false;
    const path = `/imports/${importId}/retry`;
    const answer = await circle().post(path, {}, channelToken);
    expect(answer.status).toBe(202);
    expect((await answer.json()) as ImportState).toMatchObject({ importId });
    expect((await untilCompleted(importId)).rows).toMatchObject({ created: ROWS, failed: 0 });
    expect(await problemOf(await circle().post(path, {}, channelToken))).toMatchObject({
      code: 'state_conflict',
    });
    const { items: audit } = await circle().get<Page<AuditItem>>('/audit');
    expect(audit.find((item) => item.importId === importId)).toMatchObject({
      action: 'requeue',
      who: 'owner',
    });
    const foreign = await circle().post(`/imports/${importId}/chunks/requeue`, reason, channelToken);
    expect(await problemOf(foreign)).toMatchObject({ code: 'not_found' });
  });

  test('a chunk that fails again is dead again, and its rows are counted once', async () => {
    const { importId, rows } = await deadImport();
    const all = `/imports/${importId}/chunks/requeue`;
    const first = await letterOf(importId);
    const answer = await circle().post(all, reason);
    expect([answer.status, await answer.json()]).toEqual([202, { requeued: 1 }]);
    await eventually(async () => {
      const second = await letterOf(importId);
      expect([second?.chunk, second?.id === first?.id]).toEqual([first?.chunk, false]);
      expect(await circle().state(importId)).toMatchObject({
        ...{ status: 'completed_with_errors', reconciled: true },
        rows: { created: ROWS - rows, failed: rows },
      });
    });
  });

  test('a skipped chunk stays failed, and nothing of it is left to be retried', async () => {
    const { importId, chunk, rows, channelToken } = await deadImport();
    const letter = await letterOf(importId);
    const answer = await circle().post(`/dead-letters/${encodeURIComponent(letter?.id ?? '')}/skip`, reason);
    expect(answer.status).toBe(202);
    await eventually(async () => expect(await letterOf(importId)).toBeUndefined());
    const { items } = await circle().get<Page<ChunkItem>>(`/imports/${importId}/chunks?status=skipped`);
    expect(items).toMatchObject([{ chunk, status: 'skipped' }]);
    expect((await circle().state(importId)).rows).toMatchObject({ failed: rows });
    for (const [path, body] of [
      ['retry', {}],
      ['chunks/requeue', reason],
      [`chunks/${chunk}/retry`, reason],
    ] as const) {
      const refused = await circle().post(
        `/imports/${importId}/${path}`,
        body,
        path === 'retry' ? channelToken : undefined,
      );
      expect(await problemOf(refused)).toMatchObject({ status: 409, code: 'state_conflict' });
    }
  });

  // A dead letter stayed listed with its rows, and a requeue could only count the rows as cancelled.
  test('after an undo no dead letter is left, and nothing can be tried again', async () => {
    const { importId, chunk, rows, channelToken } = await deadImport();
    const folded = await circle().contactStore.getImport(importId);
    const event = createEvent({ type: 'import.undo', subject: importId, data: { by: 'support', folded } });
    await circle().log.append([{ topic: topics.commands, key: importId, value: encodeEvent(event) }]);
    await eventually(async () => {
      const { status, reconciled } = await circle().state(importId);
      expect([status, reconciled]).toEqual(['undone', true]);
      expect(await letterOf(importId)).toBeUndefined();
    });
    for (const refused of [
      await circle().post(`/imports/${importId}/retry`, {}, channelToken),
      await circle().post(`/imports/${importId}/chunks/${chunk}/retry`, reason),
    ])
      expect(await problemOf(refused)).toMatchObject({ status: 409, code: 'state_conflict' });
    expect((await circle().state(importId)).rows).toMatchObject({ failed: rows, created: ROWS - rows });
    const { items } = await circle().get<Page<ChunkItem>>(`/imports/${importId}/chunks?status=skipped`);
    expect(items.map((item) => item.chunk)).toEqual([chunk]);
  });

  test('until the next attempt at its chunk, the import says which one it is and when it comes', async () => {
    circle().broken = true;
    const startAnew = async (retryDelaysMs?: readonly number[]) => {
      await circle().stopImporter();
      await circle().startImporter(retryDelaysMs);
    };
    await startAnew([3_000, 20]);
    onTestFinished(() => startAnew());
    const { importId } = await acceptImport(circle().url, { file: poisonousFile() });
    // What it waits for has passed after three seconds.
    await eventually(
      async () => {
        const { waitingFor } = await circle().state(importId);
        expect(waitingFor).toMatchObject({ reason: 'retry', attempt: 2, attempts: 3 });
        expect(waitingFor?.text).toBe(`retry 2 of 3 at ${waitingFor?.at?.slice(11, 19)}`);
      },
      { everyMs: 20 },
    );
    circle().broken = false;
    expect(await untilCompleted(importId)).toMatchObject({ waitingFor: null });
  });
});
