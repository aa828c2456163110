/** Tells every client of this hub when Redis is away, and when it is back and nothing is missing any more. */
import type { HubDegraded } from '../contracts/socket-events.ts';
import type { Continuity } from './continuity.ts';
import type { BrowserServer } from './from-browser.ts';
import type { RedisConnections } from './redis-connections.ts';
import type { Listeners } from './to-browser.ts';

export interface DegradationParts {
  readonly redis: RedisConnections;
  readonly server: BrowserServer;
  readonly listeners: Listeners;
  readonly continuity: Continuity;
  readonly now: () => number;
}

export class Degradation {
  readonly #parts: DegradationParts;
  readonly #unsubscribe: () => void;
  /** What a socket that connects now is told; null where all is well. */
  #notice: HubDegraded | null = null;
  /** Counts the changes: what was begun after an earlier one is not the last word. */
  #changes = 0;

  constructor(parts: DegradationParts) {
    this.#parts = parts;
    if (!parts.redis.isUp()) this.#notice = this.#createNotice();
    this.#unsubscribe = parts.redis.onChange((isUp) => void (isUp ? this.#recover() : this.#degrade()));
    parts.server.on('connection', (socket) => {
      if (this.#notice !== null) socket.emit('hub:degraded', this.#notice);
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  #degrade(): void {
    this.#changes += 1;
    // A notice that was not taken back yet goes on.
    if (this.#notice !== null) return;
    this.#notice = this.#createNotice();
    for (const socket of this.#sockets()) socket.emit('hub:degraded', this.#notice);
  }

  async #recover(): Promise<void> {
    this.#changes += 1;
    const change = this.#changes;
    await this.#parts.continuity.healAll(this.#parts.listeners);
    if (change !== this.#changes || this.#notice === null) return;
    this.#notice = null;
    for (const socket of this.#sockets()) socket.emit('hub:recovered');
  }

  #sockets() {
    return this.#parts.server.sockets.sockets.values();
  }

  #createNotice(): HubDegraded {
    return { since: new Date(this.#parts.now()).toISOString(), reason: 'history_unavailable' };
  }
}
