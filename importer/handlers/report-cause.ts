/** What a report says of the work that it is about, because the log purges work as soon as it is done. */
import type { Cause, ForgottenEvent } from '@tidings/contracts/event.ts';
import { envelopeFromHeaders } from '@tidings/contracts/schemas/event.ts';
import type { RecordHeaders } from '@tidings/event-log/event-log.ts';
import { PRODUCER_HEADER } from '@tidings/event-log/producer-name.ts';

/** Fields of the report's event; none where the work's envelope is what cannot be read. */
export function causeOf(headers: RecordHeaders): { cause?: Cause; causedBy?: ForgottenEvent } {
  try {
    const envelope = envelopeFromHeaders(headers);
    const { causationId, type, occurredAt } = envelope;
    const producer = headers[PRODUCER_HEADER];
    const causedBy = { causationId, type, occurredAt, ...(producer === undefined ? {} : { producer }) };
    return { cause: envelope, causedBy };
  } catch {
    return {};
  }
}
