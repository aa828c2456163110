/** What waits for a webhook, and the last deliveries that are over. */
import type { SupportApi } from '@tidings/client/support.ts';
import type { WebhookDelivery } from '@tidings/contracts/webhooks.ts';
import { useMemo } from 'preact/hooks';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { formatClock, formatCount } from '../../words/format/format.ts';
import { chunkWords, letterWords, listWords, webhookWords } from '../../words/support-words.ts';
import { storyAddress } from '../story-address.ts';
import { Ago } from '../time.tsx';
import { PlainOrder } from './plain-order.tsx';
import { useList } from './use-list.ts';

type DeliveryPage = Parameters<SupportApi['listDeliveries']>[1];

interface DeliveriesProps {
  readonly webhookId: string;
  readonly api: Pick<SupportApi, 'listDeliveries' | 'skipDelivery' | 'resendDelivery'>;
  /** Where an import is shown. Default: in support's pages. */
  readonly addressOf?: (importId: string) => string;
}

export function Deliveries({ webhookId, api, addressOf = storyAddress }: DeliveriesProps) {
  const read = useMemo(() => (page: DeliveryPage) => api.listDeliveries(webhookId, page), [api, webhookId]);
  const { items, problem, reload } = useList(read);
  if (problem !== null) return <ProblemNote problem={problem} />;
  if (items === null) return <p class="soft">{listWords.loading}</p>;
  if (items.length === 0) return <p class="soft">{webhookWords.noDeliveries}</p>;
  const { skip, resend } = webhookWords;
  return (
    <ul class="bulk-list is-inner">
      {items.map((delivery) => {
        const { id, status } = delivery;
        const waits = status === 'waiting';
        return (
          <li key={id} class="bulk-item is-plain" data-testid="delivery">
            <Delivery delivery={delivery} addressOf={addressOf} />
            <PlainOrder
              key={status}
              label={waits ? skip : resend}
              act={() => (waits ? api.skipDelivery(webhookId, id) : api.resendDelivery(webhookId, id))}
              onDone={reload}
            />
          </li>
        );
      })}
    </ul>
  );
}

interface DeliveryProps extends Required<Pick<DeliveriesProps, 'addressOf'>> {
  readonly delivery: WebhookDelivery;
}

function Delivery({ delivery, addressOf }: DeliveryProps) {
  const { type, subject, status, attempts, createdAt, nextAttemptAt, lastAnswer } = delivery;
  const answer = lastAnswer === null ? null : (lastAnswer.error ?? String(lastAnswer.status));
  return (
    <p>
      {letterWords.deliveries[status]} · <code>{type}</code> · <Ago at={createdAt} /> ·{' '}
      {webhookWords.attempts(formatCount(attempts))}
      {nextAttemptAt !== null && ` · ${chunkWords.next(formatClock(Date.parse(nextAttemptAt)))}`}
      {answer !== null && (
        <>
          {' · '}
          <code>{answer}</code>
        </>
      )}
      {type.startsWith('import.') && (
        <>
          {' · '}
          <a href={addressOf(subject)}>{letterWords.itsImport}</a>
        </>
      )}
    </p>
  );
}
