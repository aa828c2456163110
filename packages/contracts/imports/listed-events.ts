/** Events of the log, as lists show them. */
import type { Page } from '../http.ts';

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
