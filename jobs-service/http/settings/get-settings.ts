/** `GET /settings`: what the owner has set, with the defaults for the rest, and its version as `ETag`. */
import type { RequestHandler, Response } from 'express';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';

export type SettingsView = Pick<OwnerSettingsTable, 'get' | 'version'>;

export function getSettings(settings: SettingsView): RequestHandler {
  return (_request, response) => {
    sendSettings(response, settings);
  };
}

/** Answers with the settings of the owner whose token it is. */
export function sendSettings(response: Response, settings: SettingsView): void {
  const owner = ownerOfBearer(response);
  response.set('ETag', `"${settings.version(owner)}"`).json(settings.get(owner));
}
