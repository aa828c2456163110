/** `GET /imports/{id}/events` and `GET /events`: what has happened, and what led to what, as the log still tells it. */
import {
  listEventsQuerySchema,
  listImportEventsQuerySchema,
} from '@tidings/contracts/schemas/imports/listed-events.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { readsQuery } from '@tidings/service-kit/http/query.ts';
import type { RequestHandler, Response } from 'express';
import { type Asker, findImportEvents, findTree } from '../../../events/event-search.ts';
import type { ImportReader } from '../../../imports/import-reader.ts';
import type { LargeAnswers } from '../../large-answers.ts';
import { readPermittedImport } from '../import-answer.ts';

export interface EventParts {
  readonly log: EventLog;
  readonly reader: ImportReader;
  /** Bounds how many read the log at once. */
  readonly answers: LargeAnswers;
}

export function listImportEvents({ log, reader, answers }: EventParts): RequestHandler {
  return readsQuery(listImportEventsQuerySchema, async (query, request, response) => {
    const found = await readPermittedImport(reader, request, response);
    response.json(await answers.read(() => findImportEvents(log, found, askerOf(response), query)));
  });
}

export function listEvents({ log, answers }: Omit<EventParts, 'reader'>): RequestHandler {
  return readsQuery(listEventsQuerySchema, async ({ correlationId, ...query }, _request, response) => {
    response.json(await answers.read(() => findTree(log, correlationId, askerOf(response), query)));
  });
}

function askerOf(response: Response): Asker {
  const bearer = bearerOf(response);
  return bearer.kind === 'support' ? null : bearer.owner;
}
