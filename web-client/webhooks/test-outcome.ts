/** What has become of a test is read out: whoever does not see the list hears it as well. */
import type { WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { useEffect } from 'preact/hooks';
import { announce } from '../shell/frame/announcer.ts';
import { answerWords } from '../support/orders/answer-words.ts';
import { ownWebhookWords } from '../words/support-words.ts';

/** @param delivery of the last test; undefined while there is none, or its list is not read */
export function useTestOutcome(url: string, delivery: WebhookDelivery | undefined): void {
  const outcome = delivery === undefined ? null : testOutcome(url, delivery);
  useEffect(() => {
    if (outcome !== null) announce(outcome);
  }, [outcome]);
}

/** null while no attempt has been made. The same for each attempt that fails in the same way. */
export function testOutcome(
  url: string,
  { status, lastAnswer }: Pick<WebhookDelivery, 'status' | 'lastAnswer'>,
): string | null {
  if (status === 'delivered') return ownWebhookWords.testDelivered(url);
  return lastAnswer === null ? null : ownWebhookWords.testFailed(url, answerWords(lastAnswer));
}
