/** Notifies every client of this hub when it is degraded, and when it works again and no gap is left. */
import type { HubDegraded } from '@tidings/contracts/notifications/socket-events.ts';
import type { RedisConnections } from '../redis/connections.ts';
import type { Clients } from '../sockets/clients.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';
import type { Continuity } from './continuity.ts';

type Reason = HubDegraded['reason'];
/** If several reasons apply at once, clients get the first of them. */
const REASONS: readonly Reason[] = ['history_unavailable', 'notifications_late'];

export interface DegradationParts {
  readonly clients: Clients;
  readonly listeners: ChannelListeners;
  readonly continuity: Continuity;
  readonly now: () => number;
  /** The connections of a history in Redis; absent for a history in memory. */
  readonly redis?: RedisConnections;
}

export class Degradation {
  readonly #parts: DegradationParts;
  readonly #unsubscribe: (() => void) | undefined;
  /** The notices of all reasons that apply now. */
  readonly #notices = new Map<Reason, HubDegraded>();
  /** Counts the changes of Redis: only the catch-up after the last one ends the notice. */
  #changes = 0;

  constructor(parts: DegradationParts) {
    this.#parts = parts;
    const { redis } = parts;
    if (redis?.isUp() === false) this.degrade('history_unavailable');
    this.#unsubscribe = redis?.onChange((isUp) => void this.#followRedis(isUp));
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** If the reason applies already, its notice keeps its time. */
  degrade(reason: Reason): void {
    if (this.#notices.has(reason)) return;
    this.#notices.set(reason, { since: new Date(this.#parts.now()).toISOString(), reason });
    this.#update();
  }

  recover(reason: Reason): void {
    this.#notices.delete(reason);
    this.#update();
  }

  async #followRedis(isUp: boolean): Promise<void> {
    this.#changes += 1;
    const change = this.#changes;
    if (!isUp) return this.degrade('history_unavailable');
    await this.#parts.continuity.catchUpAll(this.#parts.listeners);
    if (change === this.#changes) this.recover('history_unavailable');
  }

  #update(): void {
    const notice = REASONS.map((reason) => this.#notices.get(reason)).find((one) => one !== undefined);
    this.#parts.clients.tell(notice ?? null);
  }
}
