/**
 * Webhooks: outcomes of an owner's imports, sent to the owner's endpoints by the scheme of Standard Webhooks. An endpoint is where they go; a
 * delivery is one event for one endpoint, and has attempts.
 */

/** What an endpoint may be told; each is the type of a notification, and its data is the import's state. */
export const webhookTypes = [
  'import.completed',
  'import.completed_with_errors',
  'import.failed',
  'import.cancelled',
  'import.undone',
  'import.reconciled',
] as const;
export type WebhookType = (typeof webhookTypes)[number];
/** Of `POST /webhooks {url}`: each import's end, once, and its undo. */
export const defaultWebhookTypes: readonly WebhookType[] = [
  'import.completed',
  'import.completed_with_errors',
  'import.failed',
  'import.cancelled',
  'import.undone',
];
/** The type of a delivery where lists of events tell of it; its id is that of the event. */
export const WEBHOOK_DELIVERY_TYPE = 'webhook.delivery';
/** The type of an attempt at a delivery, there. */
export const WEBHOOK_ATTEMPT_TYPE = 'webhook.attempted';
/** The type of what the test button sends. */
export const WEBHOOK_TEST_TYPE = 'webhook.test';

/** Endpoints of an owner, at most. */
export const MAX_WEBHOOKS_PER_OWNER = 10;
/** Characters of an address, at most. */
export const MAX_WEBHOOK_URL = 2_000;
/** Deliveries that wait for an endpoint, at most: a further one is dead at once, and can be sent again. */
export const MAX_WAITING_DELIVERIES = 10_000;
/** Deliveries of an endpoint that are over and still listed. */
export const MAX_FINISHED_DELIVERIES = 100;
/** Milliseconds for which the former secret signs too, once there is a new one. */
export const WEBHOOK_ROTATION_MS = 24 * 60 * 60 * 1000;

export const webhookDeliveryStatuses = ['waiting', 'delivered', 'dead', 'skipped'] as const;
export type WebhookDeliveryStatus = (typeof webhookDeliveryStatuses)[number];

/** Why an attempt at a delivery fails, or why a delivery is dead without one. */
export const webhookErrors = [
  'status_not_2xx',
  'redirect_not_followed',
  'gone',
  'timeout',
  'name_not_found',
  'connection_failed',
  'tls_failed',
  'address_forbidden',
  'secret_unreadable',
  'endpoint_disabled',
  'queue_full',
] as const;
export type WebhookError = (typeof webhookErrors)[number];

/** What an endpoint answered at the last attempt, or why it did not. */
export interface WebhookAnswer {
  /** HTTP status; null where no answer came. */
  status: number | null;
  /** The first characters of the body, without control characters. */
  body: string;
  /** One of `webhookErrors`, or of a later release; null where the delivery succeeded. */
  error: string | null;
}

/** An item of `GET /webhooks`. */
export interface Webhook {
  id: string;
  url: string;
  types: WebhookType[];
  /** ISO 8601, UTC. */
  createdAt: string;
  /** `retrying`: the last attempt failed. `disabled`: nothing is sent until it is unblocked. */
  status: 'enabled' | 'retrying' | 'disabled';
  /** Why it is disabled; null where it is not. */
  disabledReason: string | null;
  /** Attempts that failed since the last success. */
  failures: number;
  nextAttemptAt: string | null;
  /** Deliveries that wait. */
  waiting: number;
  /** For support alone. */
  owner?: string;
}

/** `POST /webhooks`, and `POST /webhooks/{id}/rotate`: the only times that a secret is shown. */
export interface CreatedWebhook extends Webhook {
  secret: string;
}

/** An item of `GET /webhooks/{id}/deliveries`. */
export interface WebhookDelivery {
  id: string;
  type: string;
  /** Of an import, its id. */
  subject: string;
  status: WebhookDeliveryStatus;
  createdAt: string;
  attempts: number;
  lastAttemptAt: string | null;
  /** Of the delivery that is next at its endpoint; null for the others. */
  nextAttemptAt: string | null;
  lastAnswer: WebhookAnswer | null;
}

/** `GET /webhooks/{id}/deliveries`. */
export interface PageOfDeliveries {
  items: WebhookDelivery[];
  /** Opaque; null on the last page. */
  nextCursor: string | null;
  /** As it stands at the moment of these deliveries; services of earlier releases do not tell it. */
  webhook?: Webhook;
}

/** What a partner receives. */
export interface WebhookBody {
  type: string;
  /** ISO 8601, UTC: when it happened. */
  timestamp: string;
  data: unknown;
}

/** On the log. */
export interface WebhookEndpoint {
  id: string;
  owner: string;
  url: string;
  types: WebhookType[];
  createdAt: string;
  /** The newest first; encrypted. `until`: ISO 8601, of the former one. */
  secrets: { sealed: string; until?: string }[];
}

/** On the log: what came of an attempt. */
export interface WebhookAttempted {
  type: 'attempted';
  deliveryId: string;
  /** From 1. */
  attempt: number;
  /** Milliseconds since 1970. */
  at: number;
  answer: WebhookAnswer;
  /** Milliseconds that the endpoint asks for, by `Retry-After`. */
  retryAfterMs?: number;
  /** What the delivery is about, for lists of events; absent of a test, and where an earlier release has made the delivery. */
  of?: { owner: string; subject: string; correlationId: string };
}

/** On the log: a command to an endpoint's deliveries. */
export type WebhookCommand =
  | {
      type: 'add';
      delivery: { id: string; owner: string; type: string; subject: string; body: string };
      /** The outcome that led to it; none of a test, and earlier releases do not say it. `at`: when the delivery was made, ISO 8601, UTC. */
      because?: { causationId: string; correlationId: string; at: string };
    }
  | WebhookAttempted
  | { type: 'skip'; deliveryId: string }
  | { type: 'resend'; deliveryId: string }
  | { type: 'unblock' }
  /** The endpoint is gone, and all of its deliveries with it. */
  | { type: 'remove' };

/** On the log: a delivery as it stands. */
export interface WebhookDeliveryState {
  id: string;
  endpointId: string;
  owner: string;
  type: string;
  subject: string;
  body: string;
  /** Of the outcome; none of a test, and earlier releases do not say it. */
  correlationId?: string;
  /** Rises from delivery to delivery of an endpoint. */
  order: number;
  /** Milliseconds since 1970, by the log's clock: three days later it is dead. */
  since: number;
  createdAt: number;
  status: WebhookDeliveryStatus;
  attempts: number;
  lastAttemptAt: number | null;
  lastAnswer: WebhookAnswer | null;
}

/** On the log: how an endpoint fares. */
export interface WebhookEndpointState {
  endpointId: string;
  /** Of `topics.webhookDeliveries`. */
  partition: number;
  disabledReason: string | null;
  failures: number;
  /** Milliseconds since 1970; null: at once. */
  nextAttemptAt: number | null;
}
