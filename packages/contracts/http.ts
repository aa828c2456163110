/** Bodies and parameters of the HTTP API. Errors are problem documents (RFC 9457). */
import type { Contact } from './contacts/contact.ts';

export interface ProblemDocument {
  type: 'about:blank';
  title: string;
  status: number;
  /** A `ProblemCode`; a later release may answer with one that is not listed here. */
  code: string;
  detail: string;
  retriable: boolean;
  /** Where in the file, as an editor counts. */
  line?: number;
  /** Which field of the request. */
  field?: string;
  /** Why a value of a contact is refused: a `RowCode`; a later release may answer with one that is not listed here. */
  reason?: string;
}

/** Seconds that a channel token is valid, at most; an open channel renews it after half of them. */
export const CHANNEL_TOKEN_SECONDS = 7 * 24 * 60 * 60;

export interface CreatedChannel {
  channelId: string;
  token: string;
  epoch: string;
  seq: number;
}

/** An item of `GET /channels`. */
export interface ListedChannel {
  channelId: string;
  token: string;
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** Seconds that a support session is valid in a browser. */
export const SUPPORT_SESSION_SECONDS = 12 * 60 * 60;
/** As a bearer token: the one of the browser's support session, which its cookie holds. */
export const SESSION_BEARER = 'session';

/** Seconds that a publisher token is valid, at most, and where the request does not say. */
export const MAX_PUBLISHER_TOKEN_SECONDS = 7 * 24 * 60 * 60;
export const DEFAULT_PUBLISHER_TOKEN_SECONDS = 24 * 60 * 60;

/** `POST /publisher-tokens`. */
export interface CreatedPublisherToken {
  token: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}

/** `POST /channels/{id}/tickets`. A ticket is valid once. */
export interface CreatedTicket {
  ticket: string;
  /** ISO 8601, UTC. */
  expiresAt: string;
}

export interface AcceptedImport {
  importId: string;
  channelId: string;
  channelToken: string;
  /** Of a workbook, the sheet that is read; not in the answer to a repeat. */
  sheet?: string;
  /** The sheets that the workbook has. */
  sheets?: string[];
}

/** Where an upload stands whose connection was lost. */
export interface UploadOffset {
  /** Bytes of the file that are not to be sent again. */
  offset: number;
}

/** `leave-out`: the row is imported without the value, which is kept as an attribute and told as a warning. */
export const invalidFieldsChoices = ['reject', 'leave-out'] as const;
export type InvalidFields = (typeof invalidFieldsChoices)[number];

/** Fields of `POST /imports`; all of them stand before the file. */
export interface UploadFields {
  channelId?: string;
  channelToken?: string;
  /** A label such as `windows-1251`, in any case; without it the encoding is found. */
  encoding?: string;
  /** The character, or its name such as `semicolon`; without it the delimiter is found. */
  delimiter?: string;
  /** Of a workbook, the name of the sheet that is read, or its number from 1; without it the first one that shows. */
  sheet?: string;
  /** The line of the header, from 1; 0 where the file has none. Without it the header is found. */
  headerLine?: number;
  /** Sent as JSON. Maps a header's text to a field, to `attributes.<name>`, or to '' for a column that is left out. */
  mapping?: Record<string, string>;
  /** ISO 3166-1 alpha-2. */
  defaultCountry?: string;
  /** What an invalid phone number or an unknown country costs: the row (the default), or itself alone. */
  invalidFields?: InvalidFields;
  clientReference?: string;
  /** Sent as `true` or `false`. Whether the rows are taken back where the upload breaks off; default true. */
  autoUndo?: boolean;
  /** Sent as `true` or `false`. Whether the file is only checked, and nothing is written; default false. */
  dryRun?: boolean;
  /** The import whose rejected rows the file holds, mended. */
  mends?: string;
}

/** `POST /imports/{id}/channel-tokens`. */
export interface ChannelToken {
  /** Of the import. */
  channelId: string;
  token: string;
}

/** What a file that is uploaded may hold, at most. */
export interface UploadLimits {
  /** Bytes of the file. */
  readonly maxBytes: number;
  /** Rows of the file, without its header. */
  readonly maxRows: number;
  /** Columns that the header names. */
  readonly maxColumns: number;
  /** Bytes of a row; a longer one is rejected, and the file goes on. */
  readonly maxRecordBytes: number;
}

/** `GET /limits`, without a token. */
export interface Limits {
  readonly upload: UploadLimits;
}

/** `DELETE /owners/{owner}`. */
export interface ErasedOwner {
  /** false: the same request goes on with what is left. */
  done: boolean;
  /** Rows that this request has removed, by kind. */
  removed: Record<string, number>;
}

export interface Page<Item> {
  items: Item[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

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

/** An item of `GET /imports/{id}/events` and `GET /events`: an event of the log, without its data. */
export interface EventItem {
  /** Names the event. Where work was tried more than once, each report tells of the work, so that an item may come again on a later page. */
  eventId: string;
  /** The event that led to it; its own id where it is the first of its tree. */
  causationId: string;
  /** The first event of its tree. */
  correlationId: string;
  type: string;
  /** When it was made, by the clock of its process: ISO 8601, UTC. */
  at: string;
  /** The service that has written it; support also sees which process, as `<service>@<host>:<process id>`. null where it did not say. */
  producer: string | null;
  subject: string;
  /** The chunk that it is about, from 0. */
  chunk?: number;
}

/** A page of events. It may be empty, and go on all the same: one request looks at a bounded part of the log. */
export interface EventPage extends Page<EventItem> {
  /** Seconds for which each topic keeps its events, by topic. Older ones are not told. */
  keptSeconds: Record<string, number>;
}

/**
 * Why an undo left a contact as it was: somebody has edited it, or another import has written it, or has found it as it is, since the
 * import did; or its page could not be undone.
 */
export type UndoReason = 'edited_since' | 'imported_since' | 'confirmed_since' | 'page_failed';

/** What is wrong with a rejected row. */
export interface RowFault {
  /** A `RowCode`; a later release may answer with one that is not listed here. */
  code: string;
  /** In the language that was asked for. */
  reason: string;
  /** The name of the column whose cell is at fault; null where it is the row. */
  column: string | null;
}

/** An item of `GET /imports/{id}/rejected`. */
export interface RejectedRowItem {
  /** The row's number in the file, 1 the first below the header. */
  row: number;
  /** In the file, as an editor counts. */
  line: number;
  /** Why it was rejected. */
  codes: string[];
  /** What is wrong with its cells as they stand here: none where a mended row is right. */
  faults: RowFault[];
  /**
   * By column, as in `rejected.csv`: as they stand in the file, or as they were mended. Columns of one name are told apart by a
   * number; cells beyond the header stand in `_extra`, as a CSV record.
   */
  cells: Record<string, string>;
  /** Whether somebody has mended it. */
  mended: boolean;
  /** The import that it was handed to as mended; null for none. */
  mendedBy: string | null;
}

export interface RejectedRowsPage extends Page<RejectedRowItem> {
  /** Rejected rows of the import of which no import that mends it has made contacts yet. */
  left: number;
}

/** Cells by column, as in `RejectedRowItem`; those that are not named stay as they are. */
export type MendedCells = Record<string, string>;

/** The body of `PATCH /imports/{id}/rejected`. */
export interface MendedRows {
  rows: {
    row: number;
    cells: MendedCells;
    /** What cells held when they were read. Where one holds something else by now, nothing is changed. */
    former?: MendedCells;
  }[];
}

/** `POST /imports/{id}/rejected/import`. */
export interface HandedRows {
  /** Of the import that the mended rows have become. */
  importId: string;
  channelId: string;
  rows: number;
}

/** An item of `GET /imports/{id}/warnings`: a value that a row was imported without. */
export interface WarningItem {
  /** Among the rows of the file, 1 the first below the header. */
  row: number;
  line: number;
  /** A `RowCode`. */
  code: string;
  /** The name of the column; '' where it is not known. */
  column: string;
  /** As it stands in the file. */
  cell: string;
}

/** An item of `GET /imports/{id}/undo`: what became of a contact when its import was taken back. */
export interface UndoItem {
  contactId: string;
  email: string;
  outcome: 'reversed' | 'kept' | 'failed';
  /** Why the contact was not reversed, in snake case; null where it was. */
  reason: string | null;
}
