/** What waits for a webhook, and the last deliveries that are over. */
import type { WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { type ComponentChildren, Fragment } from 'preact';
import { useId } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { letterWords, listWords, webhookWords } from '../../words/support-words.ts';
import { storyAddress } from '../story-address.ts';
import { Ago, NextAttempt } from '../time.tsx';
import { answerWords } from './answer-words.ts';

interface DeliveriesButtonProps {
  /** Id of the element that names the webhook: it stands in the name of the button. */
  readonly of: string;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
}

/** Shows the deliveries of a webhook, and hides them again. */
export function DeliveriesButton({ of, isOpen, onOpen }: DeliveriesButtonProps) {
  const id = `${of}-deliveries`;
  return (
    <button
      type="button"
      id={id}
      class="button is-small"
      aria-expanded={isOpen}
      aria-labelledby={`${id} ${of}`}
      onClick={() => onOpen(!isOpen)}
      data-testid="webhook-deliveries"
    >
      {webhookWords.deliveries}
    </button>
  );
}

interface DeliveriesProps {
  /** null until they are read. */
  readonly items: readonly WebhookDelivery[] | null;
  /** The order that may be given about a delivery. @param of id of the element that names it */
  readonly orderOf: (delivery: WebhookDelivery, of: string) => ComponentChildren;
  /** Where an import is shown. Default: in support's pages. */
  readonly addressOf?: (importId: string) => string;
}

export function Deliveries(props: DeliveriesProps) {
  const { items, orderOf, addressOf = storyAddress } = props;
  const listId = useId();
  if (items === null) return <p class="soft">{listWords.loading}</p>;
  if (items.length === 0) return <p class="soft">{webhookWords.noDeliveries}</p>;
  return (
    <ul class="bulk-list is-inner">
      {items.map((delivery) => {
        const { id, status } = delivery;
        return (
          <li key={id} class="bulk-item is-plain" data-testid="delivery">
            <Delivery delivery={delivery} id={`${listId}-${id}`} addressOf={addressOf} />
            <Fragment key={status}>{orderOf(delivery, `${listId}-${id}`)}</Fragment>
          </li>
        );
      })}
    </ul>
  );
}

interface DeliveryProps extends Required<Pick<DeliveriesProps, 'addressOf'>> {
  readonly delivery: WebhookDelivery;
  /** Of the element that says what it is. */
  readonly id: string;
}

function Delivery({ delivery, id, addressOf }: DeliveryProps) {
  const { type, subject, status, attempts, createdAt, nextAttemptAt, lastAnswer } = delivery;
  return (
    <>
      <p>
        {letterWords.deliveries[status]} ·{' '}
        <span id={id}>
          <code>{type}</code> · <Ago at={createdAt} />
        </span>{' '}
        · {webhookWords.attempts(formatCount(attempts))}
        {nextAttemptAt !== null && (
          <>
            {' · '}
            <NextAttempt at={nextAttemptAt} />
          </>
        )}
        {lastAnswer !== null && ` · ${answerWords(lastAnswer)}`}
        {type.startsWith('import.') && (
          <>
            {' · '}
            <a href={addressOf(subject)}>{letterWords.itsImport}</a>
          </>
        )}
      </p>
      {lastAnswer !== null && lastAnswer.body !== '' && (
        <p class="soft" data-testid="answer-body">
          {webhookWords.answerBegins} <code>{lastAnswer.body}</code>
        </p>
      )}
    </>
  );
}
