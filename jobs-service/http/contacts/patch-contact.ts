/** `PATCH /contacts/{id}`: changes the fields that the body names. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { type ContactPatch, MAX_CONTACT_ATTRIBUTES, MAX_CONTACT_BYTES } from '@tidings/contracts/contact.ts';
import { contactPatchSchema } from '@tidings/contracts/schemas/contact.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { contactIdOf, sendContact } from './contact-answer.ts';

/** Runs after the reader of JSON bodies. */
export function patchContact(contactStore: Pick<ContactStore, 'patchContact'>): RequestHandler {
  return async (request, response) => {
    const [owner, contactId] = [ownerOfBearer(response), contactIdOf(request)];
    const patch = parse(contactPatchSchema, request.body ?? {});
    const changed = contactStore.patchContact(owner, contactId, patch);
    sendContact(response, await changed.catch((error) => refuseTooLarge(error, patch)));
  };
}

/** Names `attributes` where the patch holds any, for no other field can be large. @throws Problem invalid_request, or the error as it is */
function refuseTooLarge(error: unknown, patch: ContactPatch): never {
  if (codeOf(error) !== 'contact_too_large') throw error;
  const field = patch.attributes === undefined ? Object.keys(patch)[0] : 'attributes';
  const message = `The contact would be larger than ${MAX_CONTACT_BYTES / 1024} KiB, or have more than ${MAX_CONTACT_ATTRIBUTES} attributes.`;
  throw new Problem('invalid_request', message, { field });
}
