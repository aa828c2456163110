/** `POST /imports/{id}/chunks/{n}/requeue`, or `/retry`: a dead chunk is worked off again. `POST …/skip`: it is given up for good. */
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../imports/import-reader.ts';
import type { Orders } from '../orders/orders.ts';
import { readPermittedImport } from './import-answer.ts';
import { refuseWhenOld } from './import-command.ts';
import { sendOrder, supportGiver } from './support-request.ts';

export interface ChunkOrderParts {
  readonly orders: Orders;
  readonly reader: ImportReader;
  /** Days for which the ledger of an ended import is kept. */
  readonly retentionDays: number;
}

export function actOnChunk(
  { orders, reader, retentionDays }: ChunkOrderParts,
  action: 'requeue' | 'skip',
): RequestHandler {
  return async (request, response) => {
    const giver = supportGiver(request);
    const { state, uploadId } = await readPermittedImport(reader, request, response);
    if (action === 'requeue') refuseWhenOld(state, retentionDays);
    const chunk = String(request.params.chunk);
    const letter = (await orders.deadChunks(state.importId, uploadId)).get(
      /^\d+$/.test(chunk) ? Number(chunk) : -1,
    );
    if (letter === undefined)
      throw new Problem('state_conflict', 'The chunk is no dead letter: GET …/chunks tells what it is.');
    sendOrder(response, await orders.orderLetters(action, [letter], giver));
  };
}
