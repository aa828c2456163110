import { webhookErrors } from '@tidings/contracts/owners/webhooks.ts';
import { expect, it } from 'vitest';
import { wordsOfCode } from '../../words/format/known.ts';
import { webhookWords } from '../../words/support-words.ts';
import { answerWords } from './answer-words.ts';

// A page said `status_not_2xx`, and not which status.
it('an answer is told by its status, and its failure in words', () => {
  expect(answerWords({ status: 500, error: 'status_not_2xx' })).toBe(
    'answered 500: the answer is no success',
  );
  expect(answerWords({ status: 204, error: null })).toBe('answered 204');
  expect(answerWords({ status: null, error: 'timeout' })).toBe('no answer in time');
  expect(answerWords({ status: null, error: 'of_a_later_release' })).toBe('of_a_later_release');
});

it('every failure that the service of webhooks names has words', () => {
  expect(webhookErrors.filter((code) => wordsOfCode(webhookWords.errors, code) === code)).toEqual([]);
});
