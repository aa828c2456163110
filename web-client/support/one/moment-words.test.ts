import { importNotificationTypes } from '@tidings/contracts/imports/import-notification.ts';
import { UNSETTLED_CHUNK_TYPE } from '@tidings/contracts/imports/unsettled-chunk.ts';
import { WEBHOOK_ATTEMPT_TYPE, WEBHOOK_DELIVERY_TYPE } from '@tidings/contracts/owners/webhooks.ts';
import { importCommandSchema } from '@tidings/contracts/schemas/imports/import-commands.ts';
import { CHUNK_WORK_TYPE, UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import { CONTROL_TYPE_PREFIX } from '@tidings/contracts/schemas/services/control-event.ts';
import { auditActions } from '@tidings/contracts/services/support.ts';
import { expect, it } from 'vitest';
import { eventWords, storyWords } from '../../words/support-words.ts';
import { statusWords } from '../../words/words.ts';
import { orderedWords, toldWords } from './moment-words.ts';
import { timelineOf } from './timeline.ts';

const knownTold = [...Object.keys(statusWords), ...Object.keys(storyWords.toldOf)];
const types = [
  ...importCommandSchema.options.map(({ shape }) => shape.type.value),
  ...importNotificationTypes,
  ...[CHUNK_WORK_TYPE, UNDO_PAGE_TYPE, UNSETTLED_CHUNK_TYPE],
  ...[WEBHOOK_DELIVERY_TYPE, WEBHOOK_ATTEMPT_TYPE],
  ...auditActions.map((action) => `${CONTROL_TYPE_PREFIX}${action}`),
];

// A story said `control.undo` beside the order that it was.
it.each(types)('an event of an import is told in words, or by what stands beside it: %s', (type) => {
  const ids = { eventId: 'e', causationId: 'c', correlationId: 'c' };
  const event = { ...ids, type, at: '2026-01-01T00:00:00.000Z', producer: null, subject: 'i' };
  for (const entry of timelineOf([event], [], []))
    if (entry.kind === 'events') expect(Object.keys(eventWords)).toContain(entry.type);
    else if (entry.kind === 'told') expect(knownTold).toContain(entry.type.slice('import.'.length));
    else expect.unreachable();
});

it.each(auditActions)('an order is told in words: %s', (action) => {
  expect(orderedWords(action)).not.toBe(action);
});

it('a code of a later release is told as it is', () => {
  expect([toldWords('import.archived'), orderedWords('archive')]).toEqual(['archived', 'archive']);
  expect([toldWords('import.undone'), toldWords('import.sealed')]).toEqual(['Taken back', 'the file is in']);
});
