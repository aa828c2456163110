/** What every route of the HTTP API shares. Errors are problem documents (RFC 9457). */

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

export interface Page<Item> {
  items: Item[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}
