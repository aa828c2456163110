/** Pages of an undo fail for good, and their contacts are taken back all the same in the end, on both sets of engines. */
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { UndoItem } from '@tidings/contracts/imports/undo-outcomes.ts';
import type { DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { acceptImport, getJson } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, test } from 'vitest';
import { freshName } from '../test/fresh-name.ts';
import { type ImportCircle, shareImportCircle } from '../test/import-circle.ts';

/** Contacts of three pages. */
const ROWS = 12_000;
const ON_FIRST_PAGE = 5_000;
const reason = { reason: 'The fault is mended.' };

interface Undone extends AcceptedImport {
  /** Of its contacts' addresses. */
  readonly domain: string;
}

function plainFile(domain: string): string {
  const lines = Array.from({ length: ROWS }, (_, row) => `person${row}@${domain},P${row}`);
  return `Email,First name\n${lines.join('\n')}\n`;
}

describe.each(['embedded', 'distributed'] as const)('on %s engines', (kind) => {
  const circle = shareImportCircle(kind);

  /** Resolves once the import is at rest with these numbers, and the log has forgotten it. */
  async function untilUndone(importId: string, undo: Partial<ImportState['undo']>): Promise<void> {
    await eventually(
      async () => {
        const state = await circle().state(importId);
        expect(state).toMatchObject({ status: 'undone', undo: { ...undo, endedAt: expect.any(String) } });
        const states = (await readAll(circle().log, topics.state)).filter(({ key }) => key === importId);
        expect(states.at(-1)?.value ?? null).toBeNull();
      },
      { withinMs: 90_000 },
    );
  }

  /** An undo whose first page is done, while the others fail. */
  async function failingUndo(fault: ImportCircle['undoFault'], failed: number): Promise<Undone> {
    circle().undoFault = null;
    const domain = freshName('undo.example');
    const accepted = await acceptImport(circle().url, { file: plainFile(domain) });
    const { importId } = accepted;
    await eventually(async () => expect((await circle().state(importId)).status).toBe('completed'));
    circle().undoFault = fault;
    expect((await circle().post(`/imports/${importId}/undo`, reason)).status).toBe(202);
    await untilUndone(importId, { reversed: ON_FIRST_PAGE, kept: 0, failed });
    circle().undoFault = null;
    return { ...accepted, domain };
  }

  async function letterOf({ importId }: AcceptedImport): Promise<DeadLetterItem | undefined> {
    const { items } = await circle().get<Page<DeadLetterItem>>('/dead-letters?limit=500');
    return items.find((letter) => letter.importId === importId);
  }

  async function expectAllTakenBack({ importId, channelToken, domain }: Undone): Promise<void> {
    await untilUndone(importId, { reversed: ROWS, kept: 0, failed: 0 });
    const { items } = await circle().get<Page<UndoItem>>(`/imports/${importId}/undo?limit=500`);
    expect(items).toEqual([]);
    expect(await getJson(`${circle().url}/contacts?query=@${domain}`, channelToken)).toMatchObject({
      items: [],
    });
  }

  test('pages that were passed over are taken back when the undo is asked for again', async () => {
    const accepted = await failingUndo('reverse', ROWS - ON_FIRST_PAGE);
    const { importId } = accepted;
    const { items } = await circle().get<Page<UndoItem>>(`/imports/${importId}/undo?limit=500`);
    expect(new Set(items.map((item) => item.reason))).toEqual(new Set(['page_failed']));
    const answers = await Promise.all([1, 2].map(() => circle().post(`/imports/${importId}/undo`, reason)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await expectAllTakenBack(accepted);
    expect((await circle().told(importId)).filter((type) => type === 'import.undone')).toHaveLength(2);
  }, 240_000);

  test('an undo that stopped at a dead page goes on there once support requeues it', async () => {
    const accepted = await failingUndo('pass over', 1);
    const letter = await letterOf(accepted);
    expect((await circle().post(`/dead-letters/${letter?.id}/requeue`, reason)).status).toBe(202);
    await expectAllTakenBack(accepted);
    await eventually(async () => expect(await letterOf(accepted)).toBeUndefined());
  }, 240_000);

  test('an undo that stopped at a dead page is begun again, and the dead page is no longer listed', async () => {
    const accepted = await failingUndo('pass over', 1);
    expect(await letterOf(accepted)).toBeDefined();
    expect((await circle().post(`/imports/${accepted.importId}/undo`, reason)).status).toBe(202);
    await expectAllTakenBack(accepted);
    await eventually(async () => expect(await letterOf(accepted)).toBeUndefined());
  }, 240_000);
});
