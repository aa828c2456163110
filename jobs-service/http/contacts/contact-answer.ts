/** What the routes of contacts share: whose they are, which one an address names, and how one is answered. */
import type { Contact } from '@tidings/contracts/contact.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';
import { validate as isUuid } from 'uuid';

/** Contacts belong to owners. @throws Problem not_found: the support token has none of its own */
export function contactsOwner(response: Response): string {
  const bearer = bearerOf(response);
  if (bearer.kind === 'support') throw notFound();
  return bearer.owner;
}

/** @throws Problem not_found: no contact has such an id */
export function contactIdOf(request: Request): string {
  const contactId = String(request.params.contactId);
  if (!isUuid(contactId)) throw notFound();
  return contactId;
}

/** @throws Problem not_found, where the owner has no such contact */
export function sendContact(response: Response, contact: Contact | null): void {
  if (contact === null) throw notFound();
  response.json(contact);
}
