/**
 * `POST /imports/{id}/chunks/{n}/requeue`, or `/retry`: a dead chunk is worked off again; `/retry` of a chunk that waits makes it due now.
 * `POST …/skip`: either is given up for good.
 */
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import { supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { waitingChunk } from '../../orders/orders.ts';
import { readPermittedImport } from '../imports/import-answer.ts';
import { type ChunkOrderParts, refuseWhenOld } from '../imports/import-command.ts';
import { sendOrder } from './support-request.ts';

export function actOnChunk(
  { orders, reader, retentionDays }: ChunkOrderParts,
  action: 'requeue' | 'retry' | 'skip',
): RequestHandler {
  return async (request, response) => {
    const giver = supportGiver(request);
    const folded = await readPermittedImport(reader, request, response);
    const { state, uploadId } = folded;
    if (action !== 'skip') refuseWhenOld(state, retentionDays);
    const chunk = readWholeNumber(String(request.params.chunk)) ?? -1;
    const letter = (await orders.deadChunks(state.importId, uploadId)).get(chunk);
    if (letter !== undefined) {
      const toDead = action === 'skip' ? 'skip' : 'requeue';
      return sendOrder(response, await orders.orderLetters(toDead, [letter], giver));
    }
    const target = action === 'requeue' ? null : waitingChunk(folded, chunk);
    if (target === null || action === 'requeue') throw notFailed();
    sendOrder(
      response,
      await orders.journal.give([{ action, target, ...giver, event: controlEvent(folded.cause) }]),
    );
  };
}

function notFailed(): Problem {
  return new Problem(
    'state_conflict',
    'The chunk is no dead letter, and is not known to wait for a further attempt: GET …/chunks tells what it is.',
  );
}
