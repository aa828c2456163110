/** For tests: follows a channel's event stream with fetch. */
import type { Notification } from '@tidings/contracts/notification.ts';
import { onTestFinished } from 'vitest';

export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: unknown;
}

/** Follows a channel, and keeps what comes. Everything ends with the test. */
export async function follow(
  address: string,
  headers: Record<string, string>,
  onEvent: (event: StreamEvent) => void = () => undefined,
) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(address, { headers, signal: abort.signal });
  const events: StreamEvent[] = [];
  const state = { isEnded: false };
  const take = (event: StreamEvent) => {
    events.push(event);
    onEvent(event);
  };
  const ended = readEvents(response, take)
    .catch(() => undefined)
    .finally(() => {
      state.isEnded = true;
    });
  const data = (name: string) => events.filter(({ event }) => event === name).map((one) => one.data);
  const numbers = () => data('notification').map((one) => (one as Notification).data);
  return { response, events, data, numbers, state, ended, close: () => abort.abort() };
}

async function readEvents(response: Response, take: (event: StreamEvent) => void): Promise<void> {
  if (response.body === null) return;
  let text = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      take({ id: field('id'), event: field('event'), data: JSON.parse(field('data') ?? 'null') });
    }
  }
}
