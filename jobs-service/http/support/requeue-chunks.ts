/** `POST /imports/{id}/chunks/requeue`: every dead chunk of the import is worked off again. */

import { supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { readPermittedImport } from '../imports/import-answer.ts';
import { type ChunkOrderParts, refuseWhenOld } from '../imports/import-command.ts';

export function requeueChunks({ orders, reader, retentionDays }: ChunkOrderParts): RequestHandler {
  return async (request, response) => {
    const giver = supportGiver(request);
    const { state, uploadId } = await readPermittedImport(reader, request, response);
    refuseWhenOld(state, retentionDays);
    const dead = [...(await orders.deadChunks(state.importId, uploadId)).values()];
    if (dead.length === 0) throw new Problem('state_conflict', 'No chunk of the import is a dead letter.');
    const given = await orders.orderLetters('requeue', dead, giver);
    response.status(202).json({ requeued: given.length });
  };
}
