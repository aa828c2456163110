/** For tests: follows a channel's event stream with fetch. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { readEvents, type StreamEvent } from '@tidings/testing/connections/event-streams.ts';
import { onTestFinished } from 'vitest';

/** Follows a channel, and keeps what comes. Everything ends with the test. */
export async function follow(address: string, headers: Record<string, string>) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(address, { headers, signal: abort.signal });
  const events: StreamEvent[] = [];
  const state = { isEnded: false };
  void readEvents(response, (event) => events.push(event))
    .catch(() => undefined)
    .finally(() => {
      state.isEnded = true;
    });
  const data = (name: string) => events.filter(({ event }) => event === name).map((one) => one.data);
  const numbers = () => data('notification').map((one) => (one as Notification).data);
  return { response, events, data, numbers, state, close: () => abort.abort() };
}
