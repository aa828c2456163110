/** What the contact store fails with. */
import { Failure } from '@tidings/failures/failure.ts';

export type ContactStoreErrorCode =
  | 'store_unavailable'
  | 'store_closed'
  | 'store_refused'
  | 'schema_unknown'
  | 'cursor_invalid'
  | 'contact_too_large'
  | 'contact_changed';

export class ContactStoreError extends Failure<ContactStoreErrorCode> {
  override name = 'ContactStoreError';

  constructor(code: ContactStoreErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, { ...options, retriable: code === 'store_unavailable' });
  }
}
