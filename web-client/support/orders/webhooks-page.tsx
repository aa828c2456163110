/** The webhooks of all owners, how they fare, and what was sent to each. */
import { createSupportApi, type SupportApi } from '@tidings/client/support.ts';
import { useId, useMemo } from 'preact/hooks';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import { listWords, orderWords, webhookWords } from '../../words/support-words.ts';
import { useClock } from '../clock.ts';
import { listAddress } from '../list/list-query.ts';
import { OrderForm } from '../order-form.tsx';
import { Deliveries, DeliveriesButton } from './deliveries.tsx';
import './orders.css';
import { type ReadWebhook, type ReadWebhooks, useWebhooks } from './use-webhooks.ts';
import { WebhookStanding } from './webhook-standing.tsx';

export function WebhooksPage({ token }: { token: string }) {
  useClock();
  const api = useMemo(() => createSupportApi({ token: () => token }), [token]);
  const webhooks = useWebhooks(api);
  const { items, problem } = webhooks;
  return (
    <>
      <div class="support-head">
        <Heading>{webhookWords.title}</Heading>
      </div>
      <p class="soft support-note">{webhookWords.lead}</p>
      {problem !== null && <ProblemNote problem={problem} />}
      {items === null && problem === null && <p class="soft">{listWords.loading}</p>}
      {items?.length === 0 && (
        <div class="card support-note" data-testid="no-webhooks">
          <h2>{webhookWords.none}</h2>
        </div>
      )}
      {items !== null && items.length > 0 && (
        <ul class="bulk-list">
          {items.map((read) => (
            <li key={read.webhook.id} class="bulk-item is-plain" data-testid="webhook">
              <Endpoint read={read} api={api} webhooks={webhooks} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface EndpointProps {
  readonly read: ReadWebhook;
  readonly api: SupportApi;
  readonly webhooks: ReadWebhooks;
}

function Endpoint({ read: { webhook, deliveries }, api, webhooks: { isOpen, open, reload } }: EndpointProps) {
  const { id, owner, status } = webhook;
  const name = useId();
  return (
    <div class="bulk-text">
      <WebhookStanding webhook={webhook} id={name}>
        {owner !== undefined && (
          <>
            {' · '}
            <a href={listAddress({ owner })}>{owner}</a>
          </>
        )}
      </WebhookStanding>
      <div class="actions">
        {status !== 'enabled' && (
          <WebhookOrder
            label={webhookWords.unblock}
            words={webhookWords.orders.unblock}
            act={(reason) => api.unblockWebhook(id, reason)}
            onDone={reload}
            of={name}
          />
        )}
        <DeliveriesButton of={name} isOpen={isOpen(id)} onOpen={(wanted) => open(id, wanted)} />
      </div>
      {isOpen(id) && (
        <Deliveries
          items={deliveries}
          orderOf={({ id: deliveryId, status }, of) => {
            const kind = status === 'waiting' ? 'skip' : 'resend';
            const give = kind === 'skip' ? api.skipDelivery : api.resendDelivery;
            return (
              <WebhookOrder
                label={webhookWords[kind]}
                words={webhookWords.orders[kind]}
                act={(reason) => give(id, deliveryId, reason)}
                onDone={reload}
                of={of}
              />
            );
          }}
        />
      )}
    </div>
  );
}

interface WebhookOrderProps {
  readonly label: string;
  readonly words: { readonly question: string; readonly meaning: string };
  readonly act: (reason: string) => Promise<void>;
  readonly onDone: () => void;
  /** As of `OrderForm`. */
  readonly of: string;
}

function WebhookOrder({ label, words: { question, meaning }, act, onDone, of }: WebhookOrderProps) {
  const give = async (reason: string): Promise<string> => {
    await act(reason);
    onDone();
    return orderWords.ordered;
  };
  return (
    <OrderForm {...{ label, question, of }} act={give} small testId="webhook-order">
      {meaning}
    </OrderForm>
  );
}
