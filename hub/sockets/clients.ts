/** All who are connected to this hub, by whichever way, and the order in which a hub that stops sends them elsewhere. */
import { pause } from '@tidings/failures/retry.ts';

export interface ConnectedClient {
  /** Asks the client to come back within so many milliseconds, to another hub, and ends its connection. */
  drain(retryAfterMs: number): void;
}

/** Milliseconds between two slices. */
const SLICE_MS = 100;
/** The share of the clients in a slice: 20 % a second. Each has to open its channels on another hub. */
const SLICE_SHARE = 0.02;
/** Few clients are no load, and are not kept waiting: 100 a second. */
const SMALLEST_SLICE = 10;

export class Clients {
  readonly #clients = new Set<ConnectedClient>();

  add(client: ConnectedClient): void {
    this.#clients.add(client);
  }

  delete(client: ConnectedClient): void {
    this.#clients.delete(client);
  }

  /** Sends away at most 20 % of the clients a second, or 100 where that is more. Resolves when all are asked. */
  async drain(retryAfterMs: number): Promise<void> {
    const size = Math.max(SMALLEST_SLICE, Math.floor(this.#clients.size * SLICE_SHARE));
    while (this.#clients.size > 0) {
      for (const client of [...this.#clients].slice(0, size)) {
        this.#clients.delete(client);
        client.drain(retryAfterMs);
      }
      if (this.#clients.size > 0) await pause(SLICE_MS);
    }
  }
}
