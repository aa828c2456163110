import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onStopSignal } from './signals.ts';

test('a signal that comes twice within a second is one order; a later one hurries', () => {
  const source = new EventEmitter();
  const calls: string[] = [];
  let now = 50;
  onStopSignal(source, {
    stop: () => calls.push('stop'),
    hurry: (signal) => calls.push(signal),
    now: () => now,
  });
  source.emit('SIGTERM', 'SIGTERM');
  source.emit('SIGTERM', 'SIGTERM');
  now += 999;
  source.emit('SIGINT', 'SIGINT');
  expect(calls).toEqual(['stop']);
  now += 1;
  source.emit('SIGTERM', 'SIGTERM');
  expect(calls).toEqual(['stop', 'SIGTERM']);
});
