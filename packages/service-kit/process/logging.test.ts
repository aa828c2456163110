import { describe, expect, test } from 'vitest';
import { loggedError } from './logged-error.ts';

const CANARY = 'canary-4711';
const told = (error: unknown) => JSON.stringify(loggedError(error));

describe('a logged error', () => {
  test('tells what failed and where, with its causes', () => {
    const cause = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED', port: 5432 });
    const error = Object.assign(new TypeError('no answer', { cause }), { retriable: true });
    expect(loggedError(error)).toMatchObject({
      type: 'TypeError',
      message: 'no answer',
      retriable: true,
      stack: expect.stringContaining('logging.test.ts'),
      cause: { message: 'connect failed', code: 'ECONNREFUSED', port: 5432 },
    });
    expect(loggedError(new AggregateError([cause], 'all'))).toMatchObject({
      errors: [{ code: 'ECONNREFUSED' }],
    });
  });

  test('holds no query and no parameter, wherever a driver has put them', () => {
    const fields = {
      query: CANARY,
      params: [CANARY],
      detail: CANARY,
      command: { args: [CANARY] },
      body: CANARY,
    };
    const driver = Object.assign(new Error('refused'), fields, { code: '22021' });
    expect(told(driver)).not.toContain(CANARY);
    expect(told(new Error('outer', { cause: driver }))).not.toContain(CANARY);
    expect(told(new AggregateError([driver]))).not.toContain(CANARY);
    expect(told(CANARY)).not.toContain(CANARY);
    expect(told(Object.assign(new Error('refused'), { code: { of: CANARY } }))).not.toContain(CANARY);
  });

  test('does not quote what could not be parsed', () => {
    const parse = () => JSON.parse(CANARY);
    expect(parse).toThrow(SyntaxError);
    try {
      parse();
    } catch (error) {
      expect(told(error)).not.toContain(CANARY);
      expect(told(new Error('no event', { cause: error }))).not.toContain(CANARY);
    }
  });

  test('ends also where the causes form a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(told(error)).toContain('round');
  });
});
