import { ChannelError } from '@tidings/client/index.ts';
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

  it('names no token where the reason is another one', () => {
    const problem = explainError(new ChannelError('token_missing', 'Sign in first.', false));
    expect(problem).toMatchObject({ title: 'A bearer token is needed', detail: 'Sign in first.' });
    expect(problem.detail).not.toContain('key');
  });
});
