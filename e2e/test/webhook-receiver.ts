/** An endpoint on this machine that takes whatever comes, until it is told to answer something else, and counts it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface WebhookReceiver {
  readonly url: string;
  readonly received: () => number;
  /** What it answers from now on; 204 without a body at first. */
  readonly answer: (status: number, body?: string) => void;
  /** From now on it answers nothing, until it is told what. */
  readonly hold: () => void;
}

/** Listens until the test has finished. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  let received = 0;
  let given: { readonly status: number; readonly body: string } = { status: 204, body: '' };
  let held: (() => void)[] | null = null;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received += 1;
      const reply = () => response.writeHead(given.status).end(given.body);
      if (held === null) reply();
      else held.push(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received: () => received,
    answer: (status, body = '') => {
      given = { status, body };
      for (const reply of held ?? []) reply();
      held = null;
    },
    hold: () => {
      held ??= [];
    },
  };
}
