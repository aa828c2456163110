/**
 * `PUT /settings`: what is left out stays as it is. The next upload begins with it, on every instance. With `If-Match` it changes that version
 * alone, so that nobody else's change is lost.
 */

import type { RememberedMapping } from '@tidings/contracts/owners/settings.ts';
import { putSettingsBodySchema } from '@tidings/contracts/schemas/owners/settings.ts';
import { CsvError } from '@tidings/csv/errors.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { Countries } from '../../reference/countries.ts';
import { fits, type OwnerSettingsTable } from '../../settings/owner-settings.ts';
import { planColumns } from '../../uploads/splitting/plan-columns.ts';
import { namesVersion } from '../if-match.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { type SettingsView, sendSettings } from './get-settings.ts';

/** Bytes of a body: as many mappings as are kept, each as large as it may be. */
export const MAX_SETTINGS_BYTES = 1024 * 1024;

export interface PutSettingsParts {
  readonly settings: SettingsView & Pick<OwnerSettingsTable, 'put'>;
  readonly countries: Pick<Countries, 'get'>;
}

/** Runs after the reader of JSON bodies. */
export function putSettings({ settings, countries }: PutSettingsParts): RequestHandler {
  return async (request, response) => {
    const owner = ownerOfBearer(response);
    const change = parse(putSettingsBodySchema, request.body ?? {});
    const { defaultCountry = null, mappings = [] } = change;
    if (defaultCountry !== null && countries.get(defaultCountry) === null)
      throw refused('defaultCountry', `No country has the code ${defaultCountry}.`);
    for (const [index, mapping] of mappings.entries()) checkMapping(mapping, `mappings.${index}`);
    const match = request.get('If-Match');
    const isExpected = match === undefined ? undefined : (version: string) => namesVersion(match, version);
    if (!(await settings.put(owner, change, isExpected))) {
      const message = 'The settings were changed meanwhile: read them again, and change what they are now.';
      throw new Problem('precondition_failed', message, { field: 'If-Match' });
    }
    sendSettings(response, settings);
  };
}

/** A mapping that an upload would refuse is refused here. */
function checkMapping(mapping: RememberedMapping, field: string): void {
  if (!fits(mapping)) throw refused(field, 'The header with its mapping is larger than 16 KiB.');
  try {
    planColumns(mapping);
  } catch (error) {
    if (error instanceof CsvError || error instanceof Problem) throw refused(field, error.message);
    throw error;
  }
}

function refused(field: string, message: string): Problem {
  return new Problem('invalid_request', message, { field });
}
