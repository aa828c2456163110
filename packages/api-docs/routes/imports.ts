/** Imports: uploads, their state, cancel, undo and retry. */

import { channelTokenSchema } from '@tidings/contracts/schemas/channels/channels.ts';
import { importPreviewSchema, previewFieldsSchema } from '@tidings/contracts/schemas/files/preview.ts';
import { reasonsQuerySchema } from '@tidings/contracts/schemas/files/rejected-file.ts';
import {
  acceptedImportSchema,
  limitsSchema,
  uploadFieldsSchema,
  uploadOffsetSchema,
} from '@tidings/contracts/schemas/files/upload.ts';
import { pageQuerySchema, pageSchema } from '@tidings/contracts/schemas/http.ts';
import { importStateSchema, listImportsQuerySchema } from '@tidings/contracts/schemas/imports/import.ts';
import {
  eventPageSchema,
  listEventsQuerySchema,
  listImportEventsQuerySchema,
} from '@tidings/contracts/schemas/imports/listed-events.ts';
import {
  handedRowsSchema,
  listRejectedQuerySchema,
  mendRowBodySchema,
  mendRowsBodySchema,
  rejectedRowItemSchema,
} from '@tidings/contracts/schemas/imports/rejected-rows.ts';
import { undoItemSchema } from '@tidings/contracts/schemas/imports/undo-outcomes.ts';
import { warningItemSchema } from '@tidings/contracts/schemas/imports/warnings.ts';
import { reasonBodySchema } from '@tidings/contracts/schemas/services/support.ts';
import { z } from 'zod';
import { idempotencyKey, preferWait, type RouteDescription, reasonNeeded, retryAfter } from '../route.ts';

const tokens = ['channelToken', 'supportToken'] as const;
/** Support writes no contacts. */
const owners = ['channelToken'] as const;
const reason = { schema: reasonBodySchema.partial(), isRequired: false };
const headers = {
  ETag: 'Of the version, of what the import waits for, and of what is left to mend or ignored.',
  ...retryAfter,
};
const rejectedPage = pageSchema(rejectedRowItemSchema).extend({ left: z.int().min(0) });
const mendedRows = z.object({ items: z.array(rejectedRowItemSchema) });
const reasonsIn = {
  'Accept-Language': 'The languages of the reasons that are preferred, where `language` names none.',
} as const;
const reasonsTold = { 'Content-Language': 'Of the reasons.', Vary: '`Accept-Language`.' } as const;
const rejectedFile = {
  description: 'A file that may be mended and dropped again.',
  headers: reasonsTold,
} as const;
const state = { description: 'The state of the import.', schema: importStateSchema, headers };

const uploaded = {
  200: { ...state, description: 'With `Prefer: wait`: the import has ended.' },
  202: {
    description: 'The file is in.',
    schema: acceptedImportSchema,
    headers: {
      ...retryAfter,
      Location: 'Of the import.',
      'Idempotent-Replayed': '`true`: it was uploaded before.',
    },
  },
};
const uploadProblems = [
  ...(['file_empty', 'no_email_column', 'not_csv', 'nul_bytes', 'encoding_unsupported'] as const),
  ...([
    'workbook_unreadable',
    'encoding_uncertain',
    'replacement_character',
    'header_too_long',
    'invalid_request',
  ] as const),
  ...(['upload_broken_off', 'file_too_large', 'too_many_rows', 'state_conflict'] as const),
  ...(['import_cancelled', 'upload_in_progress', 'unavailable'] as const),
] as const;
const uploadKey = {
  'Idempotency-Key': 'Of the upload: it is the one under this key, of the owner of the token.',
} as const;

export const importRoutes: readonly RouteDescription[] = [
  {
    ...{ method: 'get', path: '/limits', group: 'Imports', tokens: [] },
    summary: 'What a file may hold on this installation.',
    answers: {
      200: { description: 'The limits.', schema: limitsSchema },
      304: { description: 'They are the same.' },
    },
  },
  {
    ...{ method: 'post', path: '/imports', group: 'Imports', tokens: owners, isOpen: true },
    summary: 'Uploads a file of contacts: fields first, then `file`.',
    headers: { ...idempotencyKey, ...preferWait },
    body: { schema: uploadFieldsSchema, isRequired: true, isForm: true },
    answers: uploaded,
    problems: [
      ...(['no_file', 'field_after_file', 'channel_token_missing', 'request_too_large'] as const),
      ...uploadProblems,
      'idempotency_mismatch',
    ],
  },
  {
    ...{ method: 'get', path: '/imports/upload', group: 'Imports', tokens: owners },
    summary: 'Where a broken upload stands. A connection that seems to bring more of it is ended.',
    headers: uploadKey,
    answers: { 200: { description: 'What need not be sent again.', schema: uploadOffsetSchema } },
    problems: ['invalid_request', 'not_found', 'import_cancelled', 'upload_in_progress', 'unavailable'],
  },
  {
    ...{ method: 'patch', path: '/imports/upload', group: 'Imports', tokens: owners },
    summary: 'Sends the rest of a broken upload.',
    headers: {
      ...uploadKey,
      'Upload-Offset': 'The byte of the file at which the body begins, as `GET /imports/upload` tells it.',
      'Upload-Length':
        'The bytes of the whole file, so that a rest which is cut off is not taken for its end.',
      ...preferWait,
    },
    // Without a byte it asks for the answer that was lost.
    body: { type: 'application/offset+octet-stream', isRequired: false },
    answers: uploaded,
    problems: ['wrong_offset', 'not_found', ...uploadProblems],
  },
  {
    ...{ method: 'post', path: '/imports/preview', group: 'Imports', tokens, isOpen: true },
    summary: 'How a file would be read, by its first 256 KiB: fields first, then `file`. Nothing is stored.',
    body: { schema: previewFieldsSchema, isRequired: true, isForm: true },
    answers: {
      200: {
        description:
          'How it is read, and what its first rows would become; also where a choice must be made first.',
        schema: importPreviewSchema,
      },
    },
    problems: [
      ...([
        'no_file',
        'field_after_file',
        'channel_token_missing',
        'file_empty',
        'not_csv',
        'unavailable',
      ] as const),
      ...([
        'nul_bytes',
        'encoding_unsupported',
        'header_too_long',
        'invalid_request',
        'workbook_unreadable',
      ] as const),
      ...(['upload_broken_off', 'file_too_large', 'request_too_large'] as const),
    ],
  },
  {
    ...{ method: 'get', path: '/imports', group: 'Imports', tokens },
    summary: "The owner's imports; all of them for support.",
    query: listImportsQuerySchema,
    answers: { 200: { description: 'The newest first.', schema: pageSchema(importStateSchema) } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}', group: 'Imports', tokens },
    summary: 'The state of an import.',
    headers: { ...preferWait, 'If-None-Match': 'The `ETag` of the state that is known.' },
    answers: { 200: state, 304: { description: 'Nothing is new.' } },
    problems: ['unavailable'],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/channel-tokens', group: 'Imports' },
    tokens: ['channelToken'],
    summary: "Makes a token of the import's channel, to follow it on whichever device.",
    answers: { 201: { description: 'The channel, and a token of it.', schema: channelTokenSchema } },
    problems: ['unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/rejected.csv', group: 'Imports', tokens },
    summary: 'The rejected rows, with line, code and reason.',
    query: reasonsQuerySchema,
    headers: reasonsIn,
    answers: { 200: { ...rejectedFile, type: 'text/csv' } },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/rejected.xlsx', group: 'Imports', tokens },
    summary: 'The same as a workbook: cells at fault are coloured, and have the reason as a note.',
    query: reasonsQuerySchema,
    headers: reasonsIn,
    answers: {
      200: { ...rejectedFile, type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
    },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/rejected', group: 'Imports', tokens },
    summary: 'The rejected rows, to be mended without a file.',
    query: listRejectedQuerySchema,
    headers: reasonsIn,
    answers: {
      200: {
        description: 'A page of them, and how many are left to mend.',
        schema: rejectedPage,
        headers: reasonsTold,
      },
    },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/rejected/{row}', group: 'Imports', tokens },
    summary: 'One rejected row.',
    query: reasonsQuerySchema,
    headers: reasonsIn,
    answers: { 200: { description: 'The row.', schema: rejectedRowItemSchema, headers: reasonsTold } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'patch', path: '/imports/{importId}/rejected', group: 'Imports', tokens: owners },
    summary: 'Mends rejected rows: all of them, or none. Columns that are not named stay as they are.',
    query: reasonsQuerySchema,
    headers: reasonsIn,
    body: { schema: mendRowsBodySchema, isRequired: true },
    answers: { 200: { description: 'The rows.', schema: mendedRows, headers: reasonsTold } },
    problems: [
      'invalid_request',
      'request_too_large',
      'state_conflict',
      'precondition_failed',
      'unavailable',
    ],
  },
  {
    ...{ method: 'patch', path: '/imports/{importId}/rejected/{row}', group: 'Imports', tokens: owners },
    summary: 'Mends a rejected row.',
    query: reasonsQuerySchema,
    headers: reasonsIn,
    body: { schema: mendRowBodySchema, isRequired: true },
    answers: { 200: { description: 'The row.', schema: rejectedRowItemSchema, headers: reasonsTold } },
    problems: [
      'invalid_request',
      'request_too_large',
      'state_conflict',
      'precondition_failed',
      'unavailable',
    ],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/rejected/ignore', group: 'Imports', tokens: owners },
    summary: 'Says that what is left of the rejected rows is not to be mended: `restIgnored`.',
    answers: { 200: state },
    problems: ['state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'delete', path: '/imports/{importId}/rejected/ignore', group: 'Imports', tokens: owners },
    summary: 'Takes that back.',
    answers: { 200: state },
    problems: ['state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/rejected/import', group: 'Imports', tokens: owners },
    summary: 'Makes an import of the rows that were mended.',
    headers: preferWait,
    answers: {
      200: { ...state, description: 'With `Prefer: wait`: the import has ended.' },
      202: {
        description: 'The rows are in.',
        schema: handedRowsSchema,
        headers: { ...retryAfter, Location: 'Of the import.' },
      },
    },
    problems: ['state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/cancel', group: 'Imports', tokens },
    summary: `Stops a running import. ${reasonNeeded}`,
    body: reason,
    answers: { 202: state },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/undo', group: 'Imports', tokens },
    summary: `Takes an import back that has ended. ${reasonNeeded}`,
    body: reason,
    answers: { 202: state },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/undo', group: 'Imports', tokens },
    summary: 'The contacts that an undo has left as they were, and why.',
    query: pageQuerySchema,
    answers: { 200: { description: 'A page of them.', schema: pageSchema(undoItemSchema) } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/warnings', group: 'Imports', tokens },
    summary:
      'The values that rows were imported without, where `invalidFields` is `leave-out`. The last page is empty.',
    query: pageQuerySchema,
    answers: { 200: { description: 'A page of them.', schema: pageSchema(warningItemSchema) } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/imports/{importId}/events', group: 'Imports', tokens },
    summary:
      'What has happened to an import, from the beginning of its newest upload, as the log still tells it.',
    query: listImportEventsQuerySchema,
    answers: { 200: { description: 'In the order of time.', schema: eventPageSchema } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'get', path: '/events', group: 'Imports', tokens },
    summary: "All events of a tree, by its first event: the owner's; all of them for support.",
    query: listEventsQuerySchema,
    answers: { 200: { description: 'In the order of time.', schema: eventPageSchema } },
    problems: ['invalid_request', 'unavailable'],
  },
  {
    ...{ method: 'post', path: '/imports/{importId}/retry', group: 'Imports', tokens },
    summary: `Works off again what has failed. ${reasonNeeded}`,
    body: reason,
    answers: { 202: state },
    problems: ['invalid_request', 'state_conflict', 'unavailable'],
  },
];
