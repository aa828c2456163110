/** Deliveries and endpoints as they stand on the log, for lists and for whoever takes a partition over: some 2 KB a delivery. */

import type { WebhookDeliveryState, WebhookEndpointState } from '@tidings/contracts/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable, type Table } from '@tidings/event-log/table.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { decodeWebhookState, deliveryKey } from './delivery-records.ts';
import { type DeliveryLine, emptyLine, headOf } from './fold-deliveries.ts';

/** Resolves once all states are known. */
export async function openDeliveryStates(log: EventLog, logger: Logger): Promise<DeliveryStates> {
  const table = await openTable({
    log,
    topic: topics.webhookDeliveryStates,
    decode: decodeWebhookState,
    onError: (error, record) =>
      logger.error({ err: error, key: record?.key }, 'following states of deliveries failed'),
  });
  return new DeliveryStates(table);
}

export class DeliveryStates {
  readonly #table: Table<WebhookDeliveryState | WebhookEndpointState>;
  /** By endpoint: the keys of its deliveries. */
  readonly #keys = new Map<string, Set<string>>();

  constructor(table: Table<WebhookDeliveryState | WebhookEndpointState>) {
    this.#table = table;
    for (const [key] of table.entries()) this.#keep(key, true);
    table.onChange((key, value) => this.#keep(key, value !== undefined));
  }

  /** Resolves once whatever was committed before the call is known. */
  catchUp(): Promise<void> {
    return this.#table.catchUp();
  }

  endpoint(endpointId: string): WebhookEndpointState | undefined {
    const state = this.#table.get(endpointId);
    return state !== undefined && 'partition' in state ? state : undefined;
  }

  delivery(endpointId: string, deliveryId: string): WebhookDeliveryState | undefined {
    const state = this.#table.get(deliveryKey(endpointId, deliveryId));
    return state !== undefined && 'body' in state ? state : undefined;
  }

  /** A copy. */
  line(endpointId: string, partition = 0): DeliveryLine {
    const deliveries = [...(this.#keys.get(endpointId) ?? [])].flatMap((key) => {
      const state = this.#table.get(key);
      return state !== undefined && 'body' in state ? [state] : [];
    });
    return {
      state: this.endpoint(endpointId) ?? emptyLine({ endpointId, partition }).state,
      deliveries: new Map(deliveries.map((delivery) => [delivery.id, delivery])),
    };
  }

  /** Of a partition of the deliveries' topic, by endpoint. */
  linesOf(partition: number): Map<string, DeliveryLine> {
    const lines = new Map<string, DeliveryLine>();
    for (const [key, state] of this.#table.entries())
      if ('partition' in state && state.partition === partition) lines.set(key, this.line(key));
    return lines;
  }

  /** The newest first. */
  list(endpointId: string): WebhookDeliveryState[] {
    return [...this.line(endpointId).deliveries.values()].sort((one, other) => other.order - one.order);
  }

  head(endpointId: string): WebhookDeliveryState | undefined {
    return headOf(this.line(endpointId));
  }

  close(): Promise<void> {
    return this.#table.close();
  }

  #keep(key: string, isThere: boolean): void {
    const [endpointId = '', deliveryId] = key.split('/');
    if (deliveryId === undefined) return;
    const keys = this.#keys.get(endpointId) ?? new Set();
    if (isThere) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.#keys.set(endpointId, keys);
    else this.#keys.delete(endpointId);
  }
}
