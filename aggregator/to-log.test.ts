import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { waitForRetry } from '@tidings/contracts/imports/waiting-for.ts';
import { importCommandSchema } from '@tidings/contracts/schemas/imports/import-commands.ts';
import { decodeNotificationEvent } from '@tidings/contracts/schemas/notifications/notification.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { expect, test } from 'vitest';
import { fold } from './fold/fold.ts';
import { toDurableRecords, toProgressRecords } from './to-log.ts';

const importId = '0198c0de-0000-7000-8000-000000000002';
const most = Number.MAX_SAFE_INTEGER;
const origin = { eventId: () => importId, timestamp: 0, version: 0 };

function accept(letter: string): ImportCommand {
  return importCommandSchema.parse({
    type: 'import.accepted',
    data: {
      uploadId: importId,
      channelId: letter.repeat(64),
      owner: letter.repeat(255),
      fileName: letter.repeat(1_000),
      clientReference: letter.repeat(200),
      autoUndo: true,
    },
  });
}

// A hub skips what is too large: nobody would hear of the import. Three bytes for each unit, or two and an escape, are the most.
test.each(['€', '"', '\\', '\u2028'])(
  'the largest state of an import fits a notification, with %j throughout',
  (letter) => {
    const cause = {
      eventId: importId,
      correlationId: importId,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };
    const command = accept(letter);
    const { next } = fold(undefined, { importId, command, cause, offset: most, timestamp: 0 });
    if (next == null) throw new Error('no import');
    const at = new Date(0).toISOString();
    const counts = Object.fromEntries(Object.keys(next.state.rows).map((name) => [name, most]));
    const largest = {
      ...next,
      state: {
        ...next.state,
        uploadError: 'upload_broken_off',
        rows: { ...next.state.rows, ...counts },
        chunks: { total: most, completed: most, failed: most },
        ...{ bytes: most, rowsPerSecond: most, sealedAt: at, endedAt: at, reconciled: false },
        waitingFor: waitForRetry({ attempt: most, attempts: most, at }),
        undo: { reversed: most, kept: most, failed: most, endedAt: at },
      },
    };
    const lost = { code: 'chunk_lost', lostChunks: most, lostRows: most } as const;
    const durable = toDurableRecords(largest, {
      type: 'import.completed_with_errors',
      chunk: most,
      lost,
      final: true,
    });
    for (const { topic, value } of [...durable, ...toProgressRecords(largest)]) {
      const lane = topic === topics.progress ? 'progress' : 'durable';
      expect(decodeNotificationEvent(value, lane, origin)).toMatchObject({ subject: importId });
    }
  },
);
