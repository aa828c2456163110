import { ProblemError } from '@tidings/client/index.ts';
import type { Webhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { expect, it } from 'vitest';
import { readWebhooks, type WebhooksApi } from './use-webhooks.ts';

const webhook = (id: string) => ({ id }) as Webhook;
const delivery = { id: 'd' } as WebhookDelivery;

function apiWith(status: number): WebhooksApi {
  return {
    listWebhooks: async () => ({ items: [webhook('a'), webhook('b')] }),
    listDeliveries: async (id) => {
      if (id !== 'a') throw new ProblemError({ status, code: 'internal', detail: 'No.', retriable: false });
      return { items: [delivery], nextCursor: null };
    },
  };
}

// The list of deliveries said that one was delivered, and its webhook for five seconds that it was tried again.
it('webhooks are read together with the deliveries that somebody looks at, and with no others', async () => {
  expect(await readWebhooks(apiWith(500), new Set(['a']))).toEqual([
    { webhook: webhook('a'), deliveries: [delivery] },
    { webhook: webhook('b'), deliveries: null },
  ]);
});

// The two came in answers of their own: the state of one moment stood above the deliveries of another.
it('a webhook whose deliveries are read stands as it does in their answer, and in that of the newest page', async () => {
  const standing = (failures: number) => ({ ...webhook('a'), failures });
  const api: WebhooksApi = {
    listWebhooks: async () => ({ items: [standing(1), webhook('b')] }),
    listDeliveries: async (_id, { cursor } = {}) =>
      cursor === undefined
        ? { items: [delivery], nextCursor: '5', webhook: standing(2) }
        : { items: [delivery], nextCursor: null, webhook: standing(3) },
  };
  expect(await readWebhooks(api, new Set(['a']))).toEqual([
    { webhook: standing(2), deliveries: [delivery, delivery] },
    { webhook: webhook('b'), deliveries: null },
  ]);
});

it('a webhook that is deleted meanwhile takes nothing away from the others', async () => {
  const read = await readWebhooks(apiWith(404), new Set(['a', 'gone']));
  expect(read.map(({ deliveries }) => deliveries?.length ?? null)).toEqual([1, null]);
  await expect(readWebhooks(apiWith(503), new Set(['b']))).rejects.toThrow();
});
