/** An owner's webhooks, in every state. */
import type { Webhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { now } from '../support/clock.ts';
import { FIXTURE_TIME } from '../test/sample-states.ts';
import type { OwnWebhooksApi } from '../webhooks/own-webhook.tsx';
import { OwnWebhooksPage } from '../webhooks/own-webhooks-page.tsx';
import { nothingYet, type PageStates } from './samples.tsx';

const createdAt = new Date(FIXTURE_TIME).toISOString();
const nextAttemptAt = new Date(FIXTURE_TIME + 150_000).toISOString();

function webhook(number: number, more: Partial<Webhook> = {}): Webhook {
  return {
    ...{
      id: `w${number}`,
      url: `https://crm-${number}.nordwind.example/hooks/tidings`,
      types: [],
      createdAt,
    },
    ...{ status: 'enabled', disabledReason: null, failures: 0, nextAttemptAt: null, waiting: 0 },
    ...more,
  };
}

const delivery: WebhookDelivery = {
  ...{ id: 'd', type: 'import.completed', subject: 'i', status: 'delivered', createdAt, attempts: 1 },
  ...{ lastAttemptAt: createdAt, nextAttemptAt: null },
  lastAnswer: { status: 204, body: '', error: null },
};

function api(items: readonly Webhook[]): OwnWebhooksApi {
  return {
    listWebhooks: () => Promise.resolve({ items }),
    listDeliveries: () => Promise.resolve({ items: [delivery], nextCursor: null }),
    ...{ resendDelivery: nothingYet, skipDelivery: nothingYet, unblockWebhook: nothingYet },
    deleteWebhook: nothingYet,
    testWebhook: () => Promise.resolve({ deliveryId: delivery.id }),
    createWebhook: (url) => Promise.resolve({ ...webhook(1, { url }), secret: `whsec_${'A1b2'.repeat(11)}` }),
    rotateWebhook: () => Promise.resolve({ ...webhook(1), secret: `whsec_${'A1b2'.repeat(11)}` }),
  };
}

const several = [
  webhook(1),
  webhook(2, { status: 'retrying', failures: 4, waiting: 12, nextAttemptAt }),
  webhook(3, { status: 'disabled', disabledReason: 'gone' }),
];

function own(items: readonly Webhook[]) {
  now.value = FIXTURE_TIME + 90_000;
  return <OwnWebhooksPage api={api(items)} />;
}

export const webhooksStates: PageStates = {
  'own-webhooks-none': () => own([]),
  'own-webhooks-several': () => own(several),
};
