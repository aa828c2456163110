import { ChannelError, ProblemError } from '@tidings/client/index.ts';
import { describe, expect, it } from 'vitest';
import { explainKeyError, explainSupportError } from './support-problem.ts';

const refusal = (status: number, code = 'token_invalid' as const) =>
  new ProblemError({ status, code, detail: 'No.', retriable: status >= 429 });

// A wrong key was told of in the words for an import's link, which lasts seven days.
describe('support’s page, where it is not let in', () => {
  it('says that the key is wrong, where the address has one', () => {
    for (const error of [refusal(401), refusal(404)])
      expect(explainKeyError(error).title).toBe('This support key is not valid');
    expect(explainKeyError(refusal(503)).title).not.toBe('This support key is not valid');
  });

  it('says that the session has ended, where the browser had one', () => {
    for (const error of [refusal(401), new ChannelError('token_expired', 'No.', false)])
      expect(explainSupportError(error).title).toBe('This support session has ended');
    for (const error of [refusal(404), refusal(503), new ChannelError('unavailable', 'No.', true)])
      expect(explainSupportError(error).title).not.toBe('This support session has ended');
  });
});
