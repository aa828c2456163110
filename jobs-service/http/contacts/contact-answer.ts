/** What the routes of contacts share: which one an address names, and how one is answered. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import { validate as isUuid } from 'uuid';

/** @throws Problem not_found: no contact has such an id */
export function contactIdOf(request: Request): string {
  const contactId = String(request.params.contactId);
  if (!isUuid(contactId)) throw notFound();
  return contactId;
}

/** @throws Problem not_found, where the owner has no such contact */
export function sendContact(response: Response, contact: Contact | null): void {
  if (contact === null) throw notFound();
  response.set('ETag', `"${contact.version}"`).json(contact);
}
