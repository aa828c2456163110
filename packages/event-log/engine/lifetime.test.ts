import { expect, test } from 'vitest';
import { Lifetime } from './lifetime.ts';

// The engine stayed open behind it, and with it the lock of its folder.
test('a consumer that fails to stop keeps no other one, and not the engine, from its end', async () => {
  const lifetime = new Lifetime();
  const ended: string[] = [];
  lifetime.addConsumer(() => Promise.reject(new Error('no stop')));
  lifetime.addConsumer(async () => void ended.push('consumer'));
  await expect(lifetime.close(async () => void ended.push('engine'))).rejects.toThrow('no stop');
  expect(ended).toEqual(['consumer', 'engine']);
  expect(() => lifetime.check()).toThrow('closed');
});
