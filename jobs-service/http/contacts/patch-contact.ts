/**
 * `PATCH /contacts/{id}`: changes the fields that the body names. With `If-Match` it changes that version alone, so that nobody else's change is
 * lost.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  type ContactPatch,
  MAX_CONTACT_ATTRIBUTES,
  MAX_CONTACT_BYTES,
} from '@tidings/contracts/contacts/contact.ts';
import { contactPatchSchema } from '@tidings/contracts/schemas/contacts/contact.ts';
import { readWholeNumber } from '@tidings/contracts/text.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler } from 'express';
import type { Countries } from '../../reference/countries.ts';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { contactIdOf, sendContact } from './contact-answer.ts';
import { storedValues } from './contact-values.ts';

export interface PatchContactParts {
  readonly contactStore: Pick<ContactStore, 'getContact' | 'patchContact'>;
  readonly countries: Pick<Countries, 'directory'>;
  readonly settings: Pick<OwnerSettingsTable, 'get'>;
}

/** Runs after the reader of JSON bodies. */
export function patchContact({ contactStore, countries, settings }: PatchContactParts): RequestHandler {
  return async (request, response) => {
    const [owner, contactId] = [ownerOfBearer(response), contactIdOf(request)];
    const patch = parse(contactPatchSchema, request.body ?? {});
    const expected = expectedVersion(request);
    const contact = await contactStore.getContact(owner, contactId);
    if (contact === null) throw notFound();
    const { defaultCountry } = settings.get(owner);
    const stored = storedValues(patch, contact, { countries: countries.directory, defaultCountry });
    const changed = contactStore.patchContact(owner, contactId, stored, expected);
    sendContact(response, await changed.catch((error) => refuse(error, patch)));
  };
}

/** undefined where the request names none, or takes any. @throws Problem invalid_request */
function expectedVersion(request: Request): number | undefined {
  const match = request.get('If-Match')?.trim();
  if (match === undefined || match === '*') return undefined;
  const version = readWholeNumber(/^"(\d+)"$/.exec(match)?.[1] ?? '');
  if (version === null)
    throw new Problem('invalid_request', 'Send the `ETag` of the contact as `If-Match`.', {
      field: 'If-Match',
    });
  return version;
}

/** Names `attributes` where the patch holds any, for no other field can be large. @throws Problem invalid_request, precondition_failed, or the error as it is */
function refuse(error: unknown, patch: ContactPatch): never {
  if (codeOf(error) === 'contact_changed') {
    const message = 'The contact was changed meanwhile: read it again, and change what it is now.';
    throw new Problem('precondition_failed', message, { field: 'If-Match' });
  }
  if (codeOf(error) !== 'contact_too_large') throw error;
  const field = patch.attributes === undefined ? Object.keys(patch)[0] : 'attributes';
  const message = `The contact would be larger than ${MAX_CONTACT_BYTES / 1024} KiB, or have more than ${MAX_CONTACT_ATTRIBUTES} attributes.`;
  throw new Problem('invalid_request', message, { field });
}
