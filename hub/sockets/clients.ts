/** All clients of this hub, whatever they connect by: tells them of the hub's state, and sends them elsewhere before the hub stops. */
import type { HubDegraded } from '@tidings/contracts/notifications/socket-events.ts';
import { pause } from '@tidings/failures/retry.ts';

/** None of its methods throws: what fails at one client is that client's alone. */
export interface ConnectedClient {
  /** Tells the client how the hub is degraded; null: the hub works again. */
  tell(notice: HubDegraded | null): void;
  /** Asks the client to come back within so many milliseconds, to another hub, and ends its connection. */
  drain(retryAfterMs: number): void;
}

/** Milliseconds between two slices. */
const SLICE_MS = 100;
/** Milliseconds in which all clients are asked: 20 % of them a second. Each has to open its channels on another hub. */
const DRAIN_MS = 5_000;
/** Clients in a slice at least: 100 a second. So few are no load for the other hubs. */
const SMALLEST_SLICE = 10;

export class Clients {
  readonly #clients = new Set<ConnectedClient>();
  /** The notice that clients have; null where nothing is degraded. */
  #notice: HubDegraded | null = null;

  /** Adds a client, and gives it the notice that applies now. */
  add(client: ConnectedClient): void {
    this.#clients.add(client);
    if (this.#notice !== null) client.tell(this.#notice);
  }

  delete(client: ConnectedClient): void {
    this.#clients.delete(client);
  }

  /** Ends the old notice before it gives a new one: at the end of a notice clients repeat what the hub has refused. */
  tell(notice: HubDegraded | null): void {
    const before = this.#notice;
    if (notice === before) return;
    this.#notice = notice;
    for (const client of this.#clients) {
      if (before !== null) client.tell(null);
      if (notice !== null) client.tell(notice);
    }
  }

  /**
   * Sends away at most 20 % of the clients a second, or 100 where that is more. Resolves when all are asked.
   * @param milliseconds in which it should be done; where that is less than 5,000, the slices are larger
   */
  async drain(retryAfterMs: number, milliseconds = DRAIN_MS): Promise<void> {
    const slices = Math.max(1, Math.floor(Math.min(milliseconds, DRAIN_MS) / SLICE_MS));
    const size = Math.max(SMALLEST_SLICE, Math.floor(this.#clients.size / slices));
    while (this.#clients.size > 0) {
      for (const client of [...this.#clients].slice(0, size)) {
        this.#clients.delete(client);
        client.drain(retryAfterMs);
      }
      if (this.#clients.size > 0) await pause(SLICE_MS);
    }
  }
}
