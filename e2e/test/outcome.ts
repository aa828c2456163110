/** What a channel is notified of when its file has ended with rejected rows. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { expect } from 'vitest';
import type { Listener } from './listener.ts';

/**
 * Waits for the comparison of `state`, the outcome's, with the contact store; then expects all durable notifications of
 * the channel: each stage once, in order, in this epoch.
 * @returns the notified state after the comparison
 */
export async function expectOutcome(
  listener: Listener,
  state: ImportState,
  epoch: string,
): Promise<ImportState> {
  const { data, version } = await listener.until(({ type }) => type === 'import.reconciled');
  expect(data).toEqual({ ...state, version, reconciled: true });
  const durable = listener.received.filter(({ lane }) => lane === 'durable');
  expect(durable.map(({ type }) => type)).toEqual([
    'import.accepted',
    'import.sealed',
    'import.completed_with_errors',
    'import.reconciled',
  ]);
  expect(durable.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(new Set(listener.received.map((notification) => notification.epoch))).toEqual(new Set([epoch]));
  return data as ImportState;
}
