/** Support's orders about webhooks wanted no reason, and nothing told afterwards that support had given them. */
import type { Webhook } from '@tidings/contracts/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { ControlJournal } from '@tidings/event-log/control/control-journal.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { answerWith, startReceiver } from '../test/receiver.ts';
import { SUPPORT_TOKEN, startWorld } from '../test/webhooks-world.ts';

async function start() {
  const [world, receiver] = [await startWorld(), await startReceiver()];
  receiver.answer = answerWith(503);
  const token = await world.token('mira');
  const { id } = await world.register(token, receiver.url);
  const importId = await world.outcome('mira');
  const delivery = await eventually(async () => {
    const [found] = await world.deliveries(token, id);
    expect(found?.lastAnswer?.status).toBe(503);
    return found;
  });
  const journal = new ControlJournal(world.log, topics.control);
  const order = async (bearer: string, method: string, path: string, body?: object) =>
    (await world.send(method, `/webhooks/${id}${path}`, bearer, body)).status;
  const audit = async () => (await journal.list({ limit: 100 })).items;
  const skip = `/deliveries/${delivery?.id}/skip`;
  return { ...world, token, receiver, id, importId, deliveryId: delivery?.id ?? '', skip, order, audit };
}

const why = { reason: 'asked for by ticket 7' };

test('support gives a reason, which the audit keeps with what was ordered', async () => {
  const { id, importId, deliveryId, skip, order, audit, deliveries, token } = await start();
  const statusOf = async () =>
    (await deliveries(token, id)).find((delivery) => delivery.id === deliveryId)?.status;
  expect(await order(SUPPORT_TOKEN, 'POST', '/unblock', why)).toBe(202);
  expect(await order(SUPPORT_TOKEN, 'POST', skip, why)).toBe(202);
  await eventually(async () => expect(await statusOf()).toBe('skipped'));
  expect(await order(SUPPORT_TOKEN, 'POST', skip, why)).toBe(409);
  expect(await order(SUPPORT_TOKEN, 'POST', `/deliveries/${deliveryId}/resend`, why)).toBe(202);
  expect(await order(SUPPORT_TOKEN, 'POST', '/test', why)).toBe(202);
  expect(await order(SUPPORT_TOKEN, 'DELETE', '', why)).toBe(204);
  const [webhook, delivery] = [`webhook/${id}`, `import/${importId}/delivery/${deliveryId}`];
  const event = { causationId: deliveryId, owner: 'mira' };
  const given = { who: 'support', ...why };
  expect((await audit()).toReversed()).toMatchObject([
    { action: 'unblock_webhook', subject: webhook, ...given },
    { action: 'skip_delivery', subject: delivery, ...given, event },
    { action: 'resend_delivery', subject: delivery, ...given, event },
    { action: 'test_webhook', subject: webhook, ...given },
    { action: 'remove_webhook', subject: webhook, ...given },
  ]);
});

test('without a reason support orders nothing; owners need none, and theirs is not kept', async () => {
  const { id, token, skip, deliveryId, order, audit, send } = await start();
  const orders = [
    ['POST', '/unblock'],
    ['POST', '/test'],
    ['POST', skip],
    ['POST', `/deliveries/${deliveryId}/resend`],
    ['DELETE', ''],
  ] as const;
  for (const [method, path] of orders)
    for (const body of [undefined, {}, { reason: ' ' }])
      expect(await order(SUPPORT_TOKEN, method, path, body), `${method} ${path}`).toBe(400);
  const { items } = (await (await send('GET', '/webhooks', token)).json()) as { items: Webhook[] };
  expect(items).toMatchObject([{ id, waiting: 1 }]);
  // The description of the API says so, and an owner's order was obeyed whatever its body held.
  for (const [method, path] of orders) expect(await order(token, method, path, { id }), path).toBe(400);
  expect(await order(token, 'POST', skip, why)).toBe(202);
  expect(await order(token, 'DELETE', '')).toBe(204);
  expect(await audit()).toEqual([]);
});
