/** `GET /settings`: what the owner has set, with the defaults for the rest. */
import type { RequestHandler } from 'express';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';

export function getSettings(settings: Pick<OwnerSettingsTable, 'get'>): RequestHandler {
  return (_request, response) => {
    response.json(settings.get(ownerOfBearer(response)));
  };
}
