/** Which event an order of people is. */
import type { EventEnvelope, UntracedCause } from '../../event.ts';
import { createEvent } from '../event.ts';

/** Where a list of events tells of an order, its type is this with its action behind it. */
export const CONTROL_TYPE_PREFIX = 'control.';

type ControlEvent = Pick<
  EventEnvelope,
  'eventId' | 'causationId' | 'correlationId' | 'traceparent' | 'owner'
>;

/** A new one. @param cause what the order is about; without it, it is the first event of a tree of its own */
export function controlEvent(cause?: UntracedCause): ControlEvent {
  const { eventId, causationId, correlationId, traceparent, owner } = createEvent({
    ...{ type: CONTROL_TYPE_PREFIX, subject: CONTROL_TYPE_PREFIX, data: null, cause },
  });
  return { eventId, causationId, correlationId, traceparent, ...(owner === undefined ? {} : { owner }) };
}
