/** How an endpoint fares, for its owner and for support. */
import type { Webhook } from '@tidings/contracts/owners/webhooks.ts';
import type { ComponentChildren } from 'preact';
import { formatCount } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { chunkWords, webhookWords } from '../../words/support-words.ts';
import { NextAttempt } from '../time.tsx';

interface WebhookStandingProps {
  readonly webhook: Webhook;
  /** Of the element that has its address. */
  readonly id: string;
  /** What more there is to say behind its address. */
  readonly children?: ComponentChildren;
}

export function WebhookStanding({ webhook, id, children }: WebhookStandingProps) {
  const { url, status, failures, waiting, nextAttemptAt, disabledReason } = webhook;
  return (
    <>
      <p>
        <strong id={id}>{url}</strong> ·{' '}
        <span data-testid="webhook-status">{webhookWords.statuses[status]}</span>
        {children}
      </p>
      <p class="soft">
        {webhookWords.waiting(formatCount(waiting))}
        {failures > 0 && ` · ${chunkWords.attempts(formatCount(failures))}`}
        {nextAttemptAt !== null && (
          <>
            {' · '}
            <NextAttempt at={nextAttemptAt} />
          </>
        )}
        {disabledReason !== null && ` · ${wordsOfCode(webhookWords.errors, disabledReason)}`}
      </p>
    </>
  );
}
