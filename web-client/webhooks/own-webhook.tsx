/** One endpoint of an owner: how it fares, what can be done about it, and what was sent to it. */
import type { SupportApi } from '@tidings/client/support.ts';
import type { CreatedWebhook } from '@tidings/contracts/owners/webhooks.ts';
import { useId, useState } from 'preact/hooks';
import { importAddress } from '../router.ts';
import { Confirm } from '../shell/components/confirm.tsx';
import { announce } from '../shell/frame/announcer.ts';
import { Deliveries, DeliveriesButton } from '../support/orders/deliveries.tsx';
import type { ReadWebhook, ReadWebhooks } from '../support/orders/use-webhooks.ts';
import { WebhookStanding } from '../support/orders/webhook-standing.tsx';
import { ownWebhookWords, webhookWords } from '../words/support-words.ts';
import { PlainOrder } from './plain-order.tsx';
import { useTestOutcome } from './test-outcome.ts';

export type OwnWebhooksApi = Pick<
  SupportApi,
  | 'listWebhooks'
  | 'listDeliveries'
  | 'resendDelivery'
  | 'skipDelivery'
  | 'unblockWebhook'
  | 'createWebhook'
  | 'testWebhook'
  | 'rotateWebhook'
  | 'deleteWebhook'
>;

interface OwnWebhookProps {
  readonly read: ReadWebhook;
  readonly webhooks: ReadWebhooks;
  readonly api: OwnWebhooksApi;
  readonly onSecret: (created: CreatedWebhook) => void;
  readonly onDeleted: () => void;
}

export function OwnWebhook(props: OwnWebhookProps) {
  const { api, onSecret, onDeleted } = props;
  const { webhook, deliveries } = props.read;
  const { isOpen, open, reload } = props.webhooks;
  const { id, url, status } = webhook;
  const [testId, setTestId] = useState<string | null>(null);
  useTestOutcome(
    url,
    deliveries?.find((delivery) => delivery.id === testId),
  );
  const name = useId();
  const { rotate, remove } = ownWebhookWords;
  return (
    <div class="bulk-text">
      <WebhookStanding webhook={webhook} id={name} />
      <div class="actions">
        {status !== 'enabled' && (
          <PlainOrder
            label={webhookWords.unblock}
            act={() => api.unblockWebhook(id)}
            onDone={reload}
            of={name}
          />
        )}
        <PlainOrder
          label={ownWebhookWords.test}
          act={async () => setTestId((await api.testWebhook(id)).deliveryId)}
          onDone={() => {
            announce(ownWebhookWords.tested);
            open(id, true);
          }}
          of={name}
          testId="test-webhook"
        />
        <DeliveriesButton of={name} isOpen={isOpen(id)} onOpen={(wanted) => open(id, wanted)} />
        <Confirm
          {...rotate}
          act={async () => onSecret(await api.rotateWebhook(id))}
          small
          of={name}
          testId="rotate-webhook"
        >
          {rotate.meaning}
        </Confirm>
        <Confirm
          {...remove}
          act={async () => {
            await api.deleteWebhook(id);
            announce(ownWebhookWords.removed(url));
            open(id, false);
            onDeleted();
          }}
          danger
          small
          of={name}
          testId="delete-webhook"
        >
          {remove.meaning}
        </Confirm>
      </div>
      {isOpen(id) && (
        <Deliveries
          items={deliveries}
          orderOf={({ id: deliveryId, status }, of) => {
            const kind = status === 'waiting' ? 'skip' : 'resend';
            const give = kind === 'skip' ? api.skipDelivery : api.resendDelivery;
            return (
              <PlainOrder
                label={webhookWords[kind]}
                act={() => give(id, deliveryId)}
                onDone={reload}
                of={of}
              />
            );
          }}
          addressOf={importAddress}
        />
      )}
    </div>
  );
}
