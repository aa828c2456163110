/** `GET /contacts/{id}`: one contact of the owner. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { RequestHandler } from 'express';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { contactIdOf, sendContact } from './contact-answer.ts';

export function getContact(contactStore: Pick<ContactStore, 'getContact'>): RequestHandler {
  return async (request, response) => {
    const owner = ownerOfBearer(response);
    sendContact(response, await contactStore.getContact(owner, contactIdOf(request)));
  };
}
