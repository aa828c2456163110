/** The body of a request or a reply on the log: bytes, and headers that say what they are. */
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';

export interface RequestBody {
  readonly headers: RecordHeaders;
  readonly body: Uint8Array;
}
