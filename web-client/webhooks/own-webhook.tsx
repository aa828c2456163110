/** One endpoint of an owner: how it fares, what can be done about it, and what was sent to it. */
import type { SupportApi } from '@tidings/client/support.ts';
import type { CreatedWebhook, Webhook } from '@tidings/contracts/webhooks.ts';
import { useState } from 'preact/hooks';
import { importAddress } from '../router.ts';
import { announce } from '../shell/announcer.ts';
import { Confirm } from '../shell/confirm.tsx';
import { explainError } from '../shell/explain.ts';
import { Deliveries } from '../support/orders/deliveries.tsx';
import { PlainOrder } from '../support/orders/plain-order.tsx';
import { WebhookStanding } from '../support/orders/webhook-standing.tsx';
import { ownWebhookWords, webhookWords } from '../words/support-words.ts';

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
  readonly webhook: Webhook;
  readonly api: OwnWebhooksApi;
  readonly onSecret: (created: CreatedWebhook) => void;
  readonly onChanged: () => void;
  readonly onDeleted: () => void;
}

export function OwnWebhook(props: OwnWebhookProps) {
  const { webhook, api, onSecret, onChanged, onDeleted } = props;
  const { id, status } = webhook;
  const [isOpen, setOpen] = useState(false);
  const { rotate, remove } = ownWebhookWords;
  return (
    <div class="bulk-text">
      <WebhookStanding webhook={webhook} />
      <div class="actions">
        {status !== 'enabled' && (
          <PlainOrder
            label={webhookWords.unblock}
            act={() => api.unblockWebhook(id)}
            onDone={onChanged}
            explain={explainError}
          />
        )}
        <PlainOrder
          label={ownWebhookWords.test}
          act={() => api.testWebhook(id)}
          onDone={() => {
            announce(ownWebhookWords.tested);
            setOpen(true);
            onChanged();
          }}
          explain={explainError}
          testId="test-webhook"
        />
        <button
          type="button"
          class="button is-small"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          data-testid="own-deliveries"
        >
          {webhookWords.deliveries}
        </button>
        <Confirm
          {...rotate}
          act={async () => onSecret(await api.rotateWebhook(id))}
          small
          testId="rotate-webhook"
        >
          {rotate.meaning}
        </Confirm>
        <Confirm
          {...remove}
          act={() => api.deleteWebhook(id).then(onDeleted)}
          danger
          small
          testId="delete-webhook"
        >
          {remove.meaning}
        </Confirm>
      </div>
      {isOpen && <Deliveries webhookId={id} api={api} addressOf={importAddress} />}
    </div>
  );
}
