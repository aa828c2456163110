/** The webhooks of all owners, how they fare, and what was sent to each. */
import { createSupportApi, type SupportApi } from '@tidings/client/support.ts';
import type { Webhook } from '@tidings/contracts/webhooks.ts';
import { useMemo, useState } from 'preact/hooks';
import { Heading } from '../../shell/heading.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { listWords, webhookWords } from '../../words/support-words.ts';
import { useClock } from '../clock.ts';
import { listAddress } from '../list/list-query.ts';
import { Deliveries } from './deliveries.tsx';
import './orders.css';
import { PlainOrder } from './plain-order.tsx';
import { useList } from './use-list.ts';
import { WebhookStanding } from './webhook-standing.tsx';

export function WebhooksPage({ token }: { token: string }) {
  useClock();
  const api = useMemo(() => createSupportApi({ token: () => token }), [token]);
  const { items, problem, reload } = useList(api.listWebhooks);
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
          {items.map((webhook) => (
            <li key={webhook.id} class="bulk-item is-plain" data-testid="webhook">
              <Endpoint webhook={webhook} api={api} reload={reload} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface EndpointProps {
  readonly webhook: Webhook;
  readonly api: SupportApi;
  readonly reload: () => void;
}

function Endpoint({ webhook, api, reload }: EndpointProps) {
  const { id, owner, status } = webhook;
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="bulk-text">
      <WebhookStanding webhook={webhook}>
        {owner !== undefined && (
          <>
            {' · '}
            <a href={listAddress({ owner })}>{owner}</a>
          </>
        )}
      </WebhookStanding>
      <div class="actions">
        {status !== 'enabled' && (
          <PlainOrder label={webhookWords.unblock} act={() => api.unblockWebhook(id)} onDone={reload} />
        )}
        <button
          type="button"
          class="button is-small"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          data-testid="webhook-deliveries"
        >
          {webhookWords.deliveries}
        </button>
      </div>
      {isOpen && <Deliveries webhookId={id} api={api} />}
    </div>
  );
}
