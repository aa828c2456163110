import { readFile } from 'node:fs/promises';
import {
  endedStatuses,
  importStatuses,
  type UploadStatus,
  uploadStatuses,
} from '@tidings/contracts/imports/import.ts';
import type { ImportCommandType } from '@tidings/contracts/imports/import-commands.ts';
import { expect, test } from 'vitest';
import { endStatus, type FoldStatus, nextStatus, nextUpload, type UploadCommandType } from './states.ts';

const architecture = new URL('../../ARCHITECTURE.md', import.meta.url);
const statuses: readonly FoldStatus[] = ['unknown', ...importStatuses];

function keysOf<Key extends string>(row: Record<Key, unknown>): Key[] {
  return Object.keys(row) as Key[];
}

/** One row for each command, one column for each state; `–` where the command is ignored. */
function drawTable<State extends string, Command extends string>(
  head: string,
  next: Readonly<Record<State, Readonly<Record<Command, string | null>>>>,
  states: readonly State[],
  commands: readonly Command[],
): string {
  const code = (name: string | null) => (name === null ? '–' : `\`${name}\``);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line([head, ...states.map(code)]),
    line(['---', ...states.map(() => '---')]),
    ...commands.map((command) => line([code(command), ...states.map((state) => code(next[state][command]))])),
  ].join('\n');
}

function drawEnds(): string {
  const rows = Object.entries(endStatus).map(
    ([upload, { clean, withErrors }]) => `| \`${upload}\` | \`${clean}\` | \`${withErrors}\` |`,
  );
  return ['| status or upload | no row rejected or failed | some |', '| --- | --- | --- |', ...rows].join(
    '\n',
  );
}

test('ARCHITECTURE shows the tables of states as they are', async () => {
  const text = await readFile(architecture, 'utf8');
  const commands = keysOf<ImportCommandType>(nextStatus.unknown);
  const uploadCommands = keysOf<UploadCommandType>(nextUpload.receiving);
  expect(text).toContain(drawTable('command', nextStatus, statuses, commands));
  expect(text).toContain(
    drawTable<UploadStatus, UploadCommandType>('command', nextUpload, uploadStatuses, uploadCommands),
  );
  expect(text).toContain(drawEnds());
});

test('every status can be reached, and an import can be forgotten from every end', () => {
  const reachable = new Set<FoldStatus>(Object.values(endStatus).flatMap((ends) => Object.values(ends)));
  for (const row of Object.values(nextStatus)) {
    for (const next of Object.values(row)) if (next !== null && next !== 'carried') reachable.add(next);
  }
  expect([...reachable].sort()).toEqual([...statuses].sort());
  for (const status of endedStatuses) expect(nextStatus[status]['import.projected']).toBe('unknown');
});

test('an import leaves its end by a requeue, a late success, an undo or a further attempt, or is forgotten there', () => {
  const leading = new Set<ImportCommandType>([
    'import.accepted',
    'chunk.completed',
    'chunk.requeued',
    'import.undo',
    'undo.page_completed',
    'undo.page_requeued',
    'import.projected',
  ]);
  for (const status of endedStatuses) {
    for (const command of keysOf<ImportCommandType>(nextStatus[status])) {
      if (!leading.has(command)) expect([null, status]).toContain(nextStatus[status][command]);
    }
  }
});
