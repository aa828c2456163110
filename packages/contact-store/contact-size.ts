/** The bounds of a contact, on which every read of contacts relies. */
import {
  type Contact,
  MAX_CONTACT_ATTRIBUTES,
  MAX_CONTACT_BYTES,
} from '@tidings/contracts/contacts/contact.ts';
import { type ContactImage, imageFields } from './contact-image.ts';

/** Bytes of one character in JSON, at most: `\u0000`. */
const MAX_BYTES_PER_UNIT = 6;
/** Bytes of an attribute in JSON, at least. */
const MIN_ATTRIBUTE_LENGTH = 7;

type Sized = ContactImage & Pick<Contact, 'email'>;

/**
 * Whether the contact would exceed the bounds by more than it does now: a contact that was larger before the bounds existed
 * may become smaller.
 * @param attributes the attributes of `next` as JSON; nearly always their length is enough to tell
 * @param previous null for a new contact
 */
export function growsTooLarge(next: Sized, attributes: string, previous: Sized | null): boolean {
  let length = next.email.length + attributes.length;
  for (const field of imageFields) length += next[field].length;
  const isSmall = length * MAX_BYTES_PER_UNIT <= MAX_CONTACT_BYTES;
  if (isSmall && attributes.length < MAX_CONTACT_ATTRIBUTES * MIN_ATTRIBUTE_LENGTH) return false;
  const [bytes, count] = [jsonBytesOf(next), countOf(next)];
  if (bytes <= MAX_CONTACT_BYTES && count <= MAX_CONTACT_ATTRIBUTES) return false;
  return previous === null || bytes > jsonBytesOf(previous) || count > countOf(previous);
}

function jsonBytesOf(contact: Sized): number {
  const { email, attributes } = contact;
  return Buffer.byteLength(
    JSON.stringify([email, attributes, ...imageFields.map((field) => contact[field])]),
  );
}

function countOf({ attributes }: Sized): number {
  return Object.keys(attributes).length;
}
