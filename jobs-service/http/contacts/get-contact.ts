/** `GET /contacts/{id}`: one contact of the owner. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { RequestHandler } from 'express';
import { contactIdOf, contactsOwner, sendContact } from './contact-answer.ts';

export function getContact(contactStore: Pick<ContactStore, 'getContact'>): RequestHandler {
  return async (request, response) => {
    const owner = contactsOwner(response);
    sendContact(response, await contactStore.getContact(owner, contactIdOf(request)));
  };
}
