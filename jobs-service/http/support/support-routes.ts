/** The routes by which support, and the owner of an import, see and mend what has failed. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { readReason } from '@tidings/service-kit/access/order-giver.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { RequestHandler, Router } from 'express';
import type { HealthMonitor } from '../../health/health-monitor.ts';
import type { ChunkOrderParts } from '../imports/import-command.ts';
import { retryImport } from '../imports/orders/retry-import.ts';
import { supportOnly } from '../order-giver.ts';
import { actOnBlocked } from './act-on-blocked.ts';
import { actOnChunk } from './act-on-chunk.ts';
import { actOnDeadLetter } from './act-on-dead-letter.ts';
import { getServices } from './get-services.ts';
import { listAudit } from './list-audit.ts';
import { listBlocked } from './list-blocked.ts';
import { listChunks } from './list-chunks.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { requeueChunks } from './requeue-chunks.ts';
import { deleteSession, postSession, type SessionParts } from './support-session.ts';

export interface SupportRouteParts extends ChunkOrderParts, SessionParts {
  readonly contactStore: Pick<ContactStore, 'ledgerChunks'>;
  readonly authenticated: RequestHandler;
  readonly health: Pick<HealthMonitor, 'view'>;
}

export function createSupportRouter(parts: SupportRouteParts): Router {
  const { orders, authenticated } = parts;
  const maySee = [authenticated, supportOnly];
  const mayOrder = [...maySee, readReason];
  const router = createRouter();

  router.get('/dead-letters', maySee, listDeadLetters(orders));
  router.post('/dead-letters/*id/requeue', mayOrder, actOnDeadLetter(parts, 'requeue'));
  router.post('/dead-letters/*id/skip', mayOrder, actOnDeadLetter(parts, 'skip'));

  router.get('/blocked', maySee, listBlocked(orders));
  router.post('/blocked/:group/:topic/:partition/retry', mayOrder, actOnBlocked(orders, 'retry'));
  router.post('/blocked/:group/:topic/:partition/skip', mayOrder, actOnBlocked(orders, 'skip'));

  router.get('/audit', maySee, listAudit(orders));
  router.get('/services', maySee, getServices(parts.health));

  router.get('/imports/:importId/chunks', maySee, listChunks(parts));
  router.post('/imports/:importId/chunks/requeue', mayOrder, requeueChunks(parts));
  router.post('/imports/:importId/chunks/:chunk/retry', mayOrder, actOnChunk(parts, 'retry'));
  router.post('/imports/:importId/chunks/:chunk/requeue', mayOrder, actOnChunk(parts, 'requeue'));
  router.post('/imports/:importId/chunks/:chunk/skip', mayOrder, actOnChunk(parts, 'skip'));

  router.post('/support-session', authenticated, postSession(parts));
  router.delete('/support-session', deleteSession(parts));

  router.post('/imports/:importId/retry', authenticated, readReason, retryImport(parts));
  return router;
}
