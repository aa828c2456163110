/** How an endpoint fares, for its owner and for support. */
import type { Webhook } from '@tidings/contracts/webhooks.ts';
import type { ComponentChildren } from 'preact';
import { formatClock, formatCount } from '../../words/format/format.ts';
import { chunkWords, webhookWords } from '../../words/support-words.ts';

interface WebhookStandingProps {
  readonly webhook: Webhook;
  /** What more there is to say behind its address. */
  readonly children?: ComponentChildren;
}

export function WebhookStanding({ webhook, children }: WebhookStandingProps) {
  const { url, status, failures, waiting, nextAttemptAt, disabledReason } = webhook;
  return (
    <>
      <p>
        <strong>{url}</strong> · {webhookWords.statuses[status]}
        {children}
      </p>
      <p class="soft">
        {webhookWords.waiting(formatCount(waiting))}
        {failures > 0 && ` · ${chunkWords.attempts(formatCount(failures))}`}
        {nextAttemptAt !== null && ` · ${chunkWords.next(formatClock(Date.parse(nextAttemptAt)))}`}
        {disabledReason !== null && (
          <>
            {' · '}
            <code>{disabledReason}</code>
          </>
        )}
      </p>
    </>
  );
}
