import { expect, test } from 'vitest';
import { callEach } from './call-each.ts';

test('each is called in turn, also one that is added meanwhile, and each error is told', () => {
  const called: string[] = [];
  const errors: unknown[] = [];
  const callbacks = new Set<(name: string) => void>();
  callbacks.add((name) => {
    called.push(`first ${name}`);
    throw new Error('no first');
  });
  callbacks.add((name) => {
    called.push(`second ${name}`);
    callbacks.add(() => called.push('third'));
  });
  callEach(callbacks, ['call'], (error) => errors.push(error));
  expect(called).toEqual(['first call', 'second call', 'third']);
  expect(errors).toMatchObject([{ message: 'no first' }]);
});
