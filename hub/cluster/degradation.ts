/** Tells every client of this hub what does not work as it should, and when it does again and nothing is missing any more. */
import type { HubDegraded } from '@tidings/contracts/socket-events.ts';
import type { RedisConnections } from '../redis/connections.ts';
import type { BrowserServer } from '../sockets/from-browser.ts';
import type { Listeners } from '../sockets/to-browser.ts';
import type { Continuity } from './continuity.ts';

type Reason = HubDegraded['reason'];
/** Of several that hold at once, clients are told of the first. */
const REASONS: readonly Reason[] = ['history_unavailable', 'notifications_late'];

export interface DegradationParts {
  readonly server: BrowserServer;
  readonly listeners: Listeners;
  readonly continuity: Continuity;
  readonly now: () => number;
  /** Where the history is; not given for a history in memory. */
  readonly redis?: RedisConnections;
}

export class Degradation {
  readonly #parts: DegradationParts;
  readonly #unsubscribe: (() => void) | undefined;
  /** What holds now. */
  readonly #notices = new Map<Reason, HubDegraded>();
  /** What a socket that connects now is told; null where all is well. */
  #told: HubDegraded | null = null;
  /** Counts the changes of Redis: what was begun after an earlier one is not the last word. */
  #changes = 0;

  constructor(parts: DegradationParts) {
    this.#parts = parts;
    const { redis } = parts;
    if (redis?.isUp() === false) this.degrade('history_unavailable');
    this.#unsubscribe = redis?.onChange((isUp) => void this.#followRedis(isUp));
    parts.server.on('connection', (socket) => {
      if (this.#told !== null) socket.emit('hub:degraded', this.#told);
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** A notice that was not taken back yet goes on. */
  degrade(reason: Reason): void {
    if (this.#notices.has(reason)) return;
    this.#notices.set(reason, { since: new Date(this.#parts.now()).toISOString(), reason });
    this.#tell();
  }

  recover(reason: Reason): void {
    this.#notices.delete(reason);
    this.#tell();
  }

  async #followRedis(isUp: boolean): Promise<void> {
    this.#changes += 1;
    const change = this.#changes;
    if (!isUp) return this.degrade('history_unavailable');
    await this.#parts.continuity.healAll(this.#parts.listeners);
    if (change === this.#changes) this.recover('history_unavailable');
  }

  /** One notice is taken back before another one takes its place: clients ask again for what the first made impossible. */
  #tell(): void {
    const notice =
      REASONS.map((reason) => this.#notices.get(reason)).find((one) => one !== undefined) ?? null;
    if (notice === this.#told) return;
    const before = this.#told;
    this.#told = notice;
    for (const socket of this.#parts.server.sockets.sockets.values()) {
      if (before !== null) socket.emit('hub:recovered');
      if (notice !== null) socket.emit('hub:degraded', notice);
    }
  }
}
