/** Pages of contacts: what is asked for, and how much of it there may be. */
import type { ContactOrder } from '@tidings/contracts/contacts/contact.ts';

/** Bytes of a page of contacts as JSON, at most. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Contacts that one call of a search looks at, at most: an embedded database does nothing else meanwhile. */
export const SEARCHED_AT_A_TIME = 1_000;

export interface ListContactsOptions {
  readonly owner: string;
  /**
   * Terms parted by blanks, all of which stand at the beginnings of words in the address, the names or the company, or begin the phone number;
   * without regard to case and accents.
   */
  readonly query?: string;
  /** Only contacts that this import has created, or has found. */
  readonly importId?: string;
  /** Default `email`. */
  readonly order?: ContactOrder;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
  /** Bytes of the page as JSON, at most `MAX_PAGE_BYTES`, which is the default. A page holds one contact in any case. */
  readonly maxBytes?: number;
}

export interface ListTwiceStoredOptions {
  readonly owner: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** What an import has done to a contact. */
export interface ExportedChange {
  readonly contactId: string;
  readonly bucket: 'created' | 'updated' | 'unchanged';
  /** By field, the values before the import; null where there was none, or nothing differs. */
  readonly before: Readonly<Record<string, string | null>> | null;
}
