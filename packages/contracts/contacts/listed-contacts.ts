/** Contacts as lists show them. */

import type { Page } from '../http.ts';
import type { Contact } from './contact.ts';

/** The answer to `GET /contacts`. */
export interface PageOfContacts extends Page<Contact> {
  /** How many contacts there are on all pages; null where that is not known, and on every page but the first. */
  total: number | null;
  /** Contacts that were written a moment ago, and have no place in the order yet; 0 in the order of addresses. */
  unsorted: number;
}

/** As a list names a contact: parts of the name of 200 characters at most. */
export type NamedContact = Pick<Contact, 'id' | 'writtenEmail' | 'firstName' | 'lastName' | 'changedAt'>;

/** An item of `GET /contacts/duplicates`: an earlier release has stored two spellings of one address as two contacts. */
export interface TwiceStored {
  /** The key. */
  email: string;
  /** The one that imports find. */
  contact: NamedContact;
  /** Imports find it once the other one is deleted. */
  other: NamedContact;
}

export interface PageOfTwiceStored extends Page<TwiceStored> {
  /** Of all pages; null on every page but the first. */
  total: number | null;
}
