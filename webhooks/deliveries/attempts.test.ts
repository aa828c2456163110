import { randomUUID } from 'node:crypto';
import type { WebhookCommand } from '@tidings/contracts/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { systemClock } from '@tidings/event-log/schedule/clock.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { standInFor } from '@tidings/testing/log-stand-in.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { openEndpoints } from '../endpoints/endpoints.ts';
import { createWebhookMetrics } from '../metrics.ts';
import { resolverBy } from '../sending/addresses.ts';
import { startReceiver } from '../test/receiver.ts';
import { Attempts } from './attempts.ts';
import { decodeWebhookCommand } from './delivery-records.ts';
import { openDeliveryStates } from './delivery-states.ts';
import { type DeliveryLine, emptyLine, foldDeliveries } from './fold-deliveries.ts';

/** Attempts, with folds that go on as the test says, and a log that acknowledges what came of them when the test says so. */
async function startAttempts() {
  const log = await openTestLog();
  const logger = silentLogger;
  const receiver = await startReceiver();
  const endpoints = await openEndpoints({ log, logger, authSecrets: ['a'.repeat(32)] });
  onTestFinished(() => endpoints.close());
  const states = await openDeliveryStates(log, logger);
  onTestFinished(() => states.close());
  const registry = createRegistry({ processMetrics: false });
  const metrics = createWebhookMetrics(registry);
  let acknowledge = (): void => undefined;
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve;
  });
  const slow = standInFor(log, {
    append: async (records) => {
      const positions = await log.append(records);
      await acknowledged;
      return positions;
    },
  });
  const rules = { allowLoopback: true, resolve: resolverBy() };
  const attempts = new Attempts({
    ...{ log: slow, logger, metrics, endpoints, states, rules },
    clock: systemClock,
  });
  onTestFinished(() => {
    acknowledge();
    return attempts.stop();
  });
  /** A new endpoint with an empty line. */
  const startLine = async () => {
    const { endpoint } = await endpoints.register('mira', receiver.url, ['import.completed']);
    const place = { endpointId: endpoint.id, partition: 0 };
    let line: DeliveryLine = emptyLine(place);
    let offset = 0;
    const fold = (command: WebhookCommand) => {
      offset += 1;
      if (command.type === 'attempted') attempts.know(endpoint.id, command);
      line = foldDeliveries(line, command, { ...place, offset, timestamp: 0 })?.line ?? line;
      attempts.consider(line);
    };
    const add = () => {
      const id = randomUUID();
      fold({ type: 'add', delivery: { id, owner: 'mira', type: 't', subject: 's', body: '{"data":{}}' } });
      return id;
    };
    return { fold, add };
  };
  const told = async () => (await readAll(log, topics.webhookDeliveries)).map(decodeWebhookCommand);
  const sent = () => receiver.received.map(({ headers }) => headers['webhook-id']);
  const outcomeOf = (deliveryId: string) =>
    eventually(async () => {
      const outcome = (await told()).find(
        (command) => command.type === 'attempted' && command.deliveryId === deliveryId,
      );
      if (outcome === undefined) throw new Error('nothing is told');
      return outcome;
    });
  return { receiver, registry, startLine, outcomeOf, sent, acknowledge };
}

// An attempt was forgotten as soon as it had ended: the same delivery was sent again, although the log already held its outcome.
test('an attempt that is given up after its outcome was told keeps the endpoint until that is folded', async () => {
  const { startLine, outcomeOf, sent, acknowledge } = await startAttempts();
  const { fold, add } = await startLine();
  const first = add();
  const outcome = await outcomeOf(first);
  fold({ type: 'skip', deliveryId: first });
  fold({ type: 'resend', deliveryId: first });
  acknowledge();
  // Whatever was due is sent before these.
  const others: string[] = [];
  for (let count = 0; count < 2; count += 1) {
    others.push((await startLine()).add());
    await eventually(() => expect(sent()).toContain(others.at(-1)));
  }
  fold(outcome);
  const next = add();
  await eventually(() => expect(sent()).toEqual([first, ...others, next]));
});

// Who waits until an outcome is folded must not wait for one that changes nothing.
test('a delivery that is sent again after the outcome was passed over is tried again', async () => {
  const { startLine, outcomeOf, sent, acknowledge } = await startAttempts();
  const { fold, add } = await startLine();
  const first = add();
  const outcome = await outcomeOf(first);
  fold({ type: 'skip', deliveryId: first });
  fold(outcome);
  fold({ type: 'resend', deliveryId: first });
  acknowledge();
  await eventually(() => expect(sent()).toEqual([first, first]));
});

// Each attempt that was given up counted as a timeout, which the endpoint had never had.
test('an attempt that is given up counts as none', async () => {
  const { receiver, registry, startLine, sent, acknowledge } = await startAttempts();
  acknowledge();
  const { fold, add } = await startLine();
  const [first, second] = [add(), add()];
  receiver.answer = (response, { headers }) => {
    if (headers['webhook-id'] === second) response.writeHead(204).end();
  };
  await eventually(() => expect(sent()).toEqual([first]));
  fold({ type: 'skip', deliveryId: first });
  const counted = () => registry.getSingleMetricAsString('tidings_webhooks_attempts_total');
  await eventually(async () => expect(await counted()).toContain('outcome="delivered"} 1'));
  expect(await counted()).not.toContain('timeout');
});
