/** Renews the tokens of open channels, and ends the connections of tokens that have expired or were taken back. */

import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { grantFor, type Renewal } from './admission.ts';
import type { ChannelSubscription } from './channel-subscription.ts';
import type { ChannelListeners } from './listeners.ts';

export interface TokenRenewalOptions {
  readonly listeners: ChannelListeners;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds between two rounds. */
  readonly intervalMs: number;
}

export class TokenRenewal {
  readonly #options: TokenRenewalOptions;
  #rounds: NodeJS.Timeout | undefined;
  #isRenewing = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: TokenRenewalOptions) {
    this.#options = options;
  }

  start(): void {
    const { tokens, intervalMs } = this.#options;
    this.#rounds = setInterval(() => void this.#startRound(), intervalMs);
    this.#rounds.unref();
    this.#unsubscribe = tokens.onRevoked((owner) => this.#disconnectRevoked(owner));
  }

  stop(): void {
    clearInterval(this.#rounds);
    this.#unsubscribe();
  }

  /** One round at a time: a second one beside it would renew the same tokens again. */
  async #startRound(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    let failed = 0;
    let first: unknown;
    try {
      // A token that cannot be renewed keeps no token behind it from its turn.
      for (const subscription of this.#options.listeners.all())
        await this.#renew(subscription).catch((error: unknown) => {
          if (failed === 0) first = error;
          failed += 1;
        });
    } finally {
      this.#isRenewing = false;
    }
    if (failed === 0) return;
    this.#options.logger.error({ err: first, tokens: failed }, 'renewing channel tokens failed');
  }

  /** Sends a new token once the old one is past half of its life. Disconnects a client whose token has expired: it may not be renewed. */
  async #renew(subscription: ChannelSubscription): Promise<void> {
    const { tokens, now } = this.#options;
    const { renewal, channelId, writer } = subscription;
    if (renewal === null) return;
    if (renewal.expiresAt <= now()) writer.disconnect('token_expired');
    if (renewal.expiresAt <= now() || renewal.dueAt > now()) return;
    const grant = await grantFor(tokens, channelId, renewal, now());
    subscription.renewal = grant.renewal satisfies Renewal | null;
    writer.writeToken({ channelId, token: grant.token });
  }

  /** Disconnects the clients of an owner whose tokens were taken back. A client that comes back is refused with the reason. */
  #disconnectRevoked(owner: string): void {
    const { listeners, tokens } = this.#options;
    for (const { renewal, writer } of listeners.all())
      if (renewal?.owner === owner && tokens.isRevoked(renewal)) writer.disconnect('revoked');
  }
}
