/** How large a contact may be: whatever reads contacts counts on it. */
import { type Contact, MAX_CONTACT_ATTRIBUTES, MAX_CONTACT_BYTES } from '@tidings/contracts/contact.ts';
import { type ContactImage, imageFields } from './contact-image.ts';

/** A character of text is at most so many bytes in JSON: `\u0000`. */
const MAX_BYTES_PER_UNIT = 6;
/** What an attribute takes in JSON, at least. */
const MIN_ATTRIBUTE_LENGTH = 7;

type Sized = ContactImage & Pick<Contact, 'email'>;

/**
 * Whether what a contact becomes is beyond the bounds, and more so than what it was: one that was larger before the bounds came
 * may become smaller.
 * @param attributes those of `next` as JSON, which whoever writes it has at hand: nearly always its length tells
 * @param previous null for a new contact
 */
export function growsTooLarge(next: Sized, attributes: string, previous: Sized | null): boolean {
  let length = next.email.length + attributes.length;
  for (const field of imageFields) length += next[field].length;
  const isSmall = length * MAX_BYTES_PER_UNIT <= MAX_CONTACT_BYTES;
  if (isSmall && attributes.length < MAX_CONTACT_ATTRIBUTES * MIN_ATTRIBUTE_LENGTH) return false;
  const [bytes, count] = [bytesOf(next), countOf(next)];
  if (bytes <= MAX_CONTACT_BYTES && count <= MAX_CONTACT_ATTRIBUTES) return false;
  return previous === null || bytes > bytesOf(previous) || count > countOf(previous);
}

function bytesOf(contact: Sized): number {
  const { email, attributes } = contact;
  return Buffer.byteLength(
    JSON.stringify([email, attributes, ...imageFields.map((field) => contact[field])]),
  );
}

function countOf({ attributes }: Sized): number {
  return Object.keys(attributes).length;
}
