import { ChannelError, ProblemError } from '@tidings/client/index.ts';
import { describe, expect, it } from 'vitest';
import { explainError } from './explain.ts';

describe('a channel that is refused', () => {
  it.each(['token_expired', 'token_invalid', 'not_found'] as const)(
    'speaks of its token where it is %s',
    (code) => {
      const problem = explainError(new ChannelError(code, 'No.', false));
      expect(problem).toMatchObject({ code, title: 'This import cannot be watched from here' });
    },
  );

  it('speaks of signing in where no token came, in the words of a page', () => {
    const detail = 'A bearer token is needed.';
    const refused = new ChannelError('token_missing', detail, false);
    const answered = new ProblemError({ code: 'token_missing', detail, status: 401, retriable: false });
    for (const error of [refused, answered])
      expect(explainError(error)).toEqual({
        code: 'token_missing',
        title: 'Nobody is signed in',
        detail: 'Sign in, and try again.',
      });
  });
});
