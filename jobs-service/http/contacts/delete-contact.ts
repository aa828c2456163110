/** `DELETE /contacts/{id}`: erases a contact of the owner, with its before-images and rejected rows. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import { ownerOfBearer } from '../owner-of-bearer.ts';
import { contactIdOf } from './contact-answer.ts';

export function deleteContact(contactStore: Pick<ContactStore, 'deleteContact'>): RequestHandler {
  return async (request, response) => {
    const owner = ownerOfBearer(response);
    if (!(await contactStore.deleteContact(owner, contactIdOf(request)))) throw notFound();
    response.status(204).end();
  };
}
