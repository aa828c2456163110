/** Folds what happens to deliveries, each command once, and has the attempts made that follow from it. */

import type { WebhookCommand } from '@tidings/contracts/owners/webhooks.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { FailingRecords } from '@tidings/event-log/control/failing-records.ts';
import type {
  Consumer,
  EventLog,
  Handled,
  LogRecord,
  NewRecord,
  PartitionProcessor,
} from '@tidings/event-log/event-log.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { WebhookMetrics } from '../metrics.ts';
import type { Attempts } from './attempts.ts';
import {
  decodeWebhookCommand,
  deliveryKey,
  encodeDelivery,
  encodeEndpointState,
  encodeRemoved,
} from './delivery-records.ts';
import type { DeliveryStates } from './delivery-states.ts';
import { type DeliveryLine, emptyLine, foldDeliveries } from './fold-deliveries.ts';

export interface DeliveriesParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Pick<WebhookMetrics, 'ended' | 'disabled'>;
  readonly states: DeliveryStates;
  readonly attempts: Pick<Attempts, 'consider' | 'know' | 'forget' | 'lose'>;
}

export function runDeliveries(parts: DeliveriesParts): Promise<Consumer> {
  const { log, logger, states, attempts } = parts;
  const failing = new FailingRecords(
    log,
    consumerGroups.webhookDeliveries,
    blockingWith(logger, () => ({
      code: 'webhook_unreadable',
      message: 'The command cannot be read: a later release wrote it.',
    })),
  );
  return log.process({
    group: consumerGroups.webhookDeliveries,
    topics: [topics.webhookDeliveries],
    async createProcessor(_topic, partition) {
      await failing.begin();
      await states.catchUp();
      const lines = states.linesOf(partition);
      for (const line of lines.values()) attempts.consider(line);
      return new DeliveriesProcessor(parts, failing, lines);
    },
    onHandover: ({ partition, state }) => {
      if (state === 'lost') attempts.lose(partition);
    },
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'folding deliveries failed; retrying'),
  });
}

class DeliveriesProcessor implements PartitionProcessor {
  readonly #parts: DeliveriesParts;
  readonly #failing: FailingRecords;
  readonly #lines: Map<string, DeliveryLine>;
  /** By key of the states' topic: what is to be committed, the newest for each. */
  #outputs = new Map<string, NewRecord>();
  #unblocked: NewRecord[] = [];

  constructor(parts: DeliveriesParts, failing: FailingRecords, lines: Map<string, DeliveryLine>) {
    this.#parts = parts;
    this.#failing = failing;
    this.#lines = lines;
  }

  async handle(records: readonly LogRecord[]): Promise<Handled> {
    for (const record of records) {
      try {
        this.#fold(record, decodeWebhookCommand(record));
      } catch (error) {
        // A command that blocks holds back none of those before it.
        if (record !== records[0]) return { next: record.offset };
        await this.#failing.failed(record, error);
      }
      this.#unblocked.push(...this.#failing.passed(record));
    }
    return true;
  }

  outputs(): readonly NewRecord[] {
    const outputs = [...this.#outputs.values(), ...this.#unblocked];
    this.#outputs = new Map();
    this.#unblocked = [];
    return outputs;
  }

  #fold({ key: endpointId, partition, offset, timestamp }: LogRecord, command: WebhookCommand): void {
    const { attempts } = this.#parts;
    const place = { endpointId, partition, offset, timestamp };
    if (command.type === 'attempted') attempts.know(endpointId, command);
    const known = this.#lines.get(endpointId);
    // The command is about deliveries that are gone with their endpoint, whose state must not come back.
    if (known === undefined && command.type !== 'add' && command.type !== 'remove') return;
    const line = known ?? emptyLine(place);
    const folded = foldDeliveries(line, command, place);
    if (folded === null) {
      for (const id of line.deliveries.keys()) this.#put(encodeRemoved(deliveryKey(endpointId, id)));
      this.#put(encodeRemoved(endpointId));
      this.#lines.delete(endpointId);
      attempts.forget(endpointId);
      return;
    }
    this.#count(line, folded.line, folded.changed);
    for (const id of folded.changed) {
      const delivery = folded.line.deliveries.get(id);
      if (delivery !== undefined) this.#put(encodeDelivery(delivery));
    }
    for (const id of folded.removed) this.#put(encodeRemoved(deliveryKey(endpointId, id)));
    if (folded.line.state !== line.state || known === undefined)
      this.#put(encodeEndpointState(folded.line.state));
    this.#lines.set(endpointId, folded.line);
    attempts.consider(folded.line);
  }

  #count(before: DeliveryLine, after: DeliveryLine, changed: ReadonlySet<string>): void {
    const { metrics, logger } = this.#parts;
    for (const id of changed) {
      const status = after.deliveries.get(id)?.status ?? 'waiting';
      if (status !== 'waiting') metrics.ended.inc({ status });
    }
    if (before.state.disabledReason !== null || after.state.disabledReason === null) return;
    metrics.disabled.inc();
    const { endpointId, disabledReason } = after.state;
    logger.warn({ endpointId, disabledReason }, 'an endpoint of webhooks is disabled');
  }

  #put(record: NewRecord): void {
    this.#outputs.set(record.key, record);
  }
}
