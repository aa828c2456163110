/** What an endpoint answered, in words. */
import type { WebhookAnswer } from '@tidings/contracts/owners/webhooks.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { webhookWords } from '../../words/support-words.ts';

/** `answered 500: the answer is no success`, `answered 204`, or why no answer came. */
export function answerWords({ status, error }: Pick<WebhookAnswer, 'status' | 'error'>): string {
  return [
    ...(status === null ? [] : [webhookWords.answered(String(status))]),
    ...(error === null ? [] : [wordsOfCode(webhookWords.errors, error)]),
  ].join(': ');
}
