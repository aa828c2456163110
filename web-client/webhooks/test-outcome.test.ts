import { expect, it } from 'vitest';
import { testOutcome } from './test-outcome.ts';

const URL = 'https://example.org/hook';

it('what has become of a test is said once an attempt has been made', () => {
  expect(testOutcome(URL, { status: 'waiting', lastAnswer: null })).toBeNull();
  const failed = {
    status: 'waiting',
    lastAnswer: { status: 500, body: 'x', error: 'status_not_2xx' },
  } as const;
  expect(testOutcome(URL, failed)).toBe(
    `The test has not reached ${URL}: answered 500: the answer is no success`,
  );
  const delivered = { status: 'delivered', lastAnswer: { status: 204, body: '', error: null } } as const;
  expect(testOutcome(URL, delivered)).toBe(`The test was delivered to ${URL}`);
});
