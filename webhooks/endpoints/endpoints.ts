/** The endpoints of all owners: a table of a compacted topic, so that every instance knows each, and a look-up costs no network. */

import {
  MAX_WEBHOOKS_PER_OWNER,
  WEBHOOK_ROTATION_MS,
  type WebhookEndpoint,
  type WebhookType,
} from '@tidings/contracts/owners/webhooks.ts';
import { webhookEndpointSchema } from '@tidings/contracts/schemas/owners/webhooks.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openTable, type Table } from '@tidings/event-log/table.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { v7 as uuidv7 } from 'uuid';
import { makeSecret } from '../sending/sign.ts';
import { createSealedSecrets, type SealedSecrets } from './sealed-secrets.ts';

export interface EndpointsParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly authSecrets: readonly [string, ...string[]];
}

/** The endpoint, and when it was registered by the log's clock. */
interface Registered {
  readonly endpoint: WebhookEndpoint;
  readonly timestamp: number;
}

/** A record of an endpoint; without one where the endpoint was removed. */
interface Change {
  readonly offset: number;
  readonly endpoint: WebhookEndpoint | undefined;
}

/** Milliseconds for which a record is tried again that takes back, or completes, what this process has just written. */
const INSIST_MS = 5_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Resolves once all endpoints are known. */
export async function openEndpoints(parts: EndpointsParts): Promise<Endpoints> {
  const table = await openTable<Registered>({
    log: parts.log,
    topic: topics.webhookEndpoints,
    decode: ({ value, timestamp }) => ({
      endpoint: webhookEndpointSchema.parse(JSON.parse(decoder.decode(value))),
      timestamp,
    }),
    onError: (error, record) =>
      parts.logger.error({ err: error, key: record?.key }, 'following endpoints of webhooks failed'),
  });
  return new Endpoints(parts.log, table, createSealedSecrets(parts.authSecrets));
}

export class Endpoints {
  readonly #log: EventLog;
  readonly #table: Table<Registered>;
  readonly #sealed: SealedSecrets;
  readonly #byOwner = new Map<string, Set<string>>();
  /** By id: whose it is, and when its first record was appended. Later ones change it, and it began before. */
  readonly #begun = new Map<string, { readonly owner: string; readonly timestamp: number }>();

  constructor(log: EventLog, table: Table<Registered>, sealed: SealedSecrets) {
    this.#log = log;
    this.#table = table;
    this.#sealed = sealed;
    for (const [id, registered] of table.entries()) this.#keep(id, registered);
    table.onChange((id, registered) => this.#keep(id, registered));
  }

  get(id: string): WebhookEndpoint | undefined {
    return this.#table.get(id)?.endpoint;
  }

  /** The oldest first. */
  ofOwner(owner: string): WebhookEndpoint[] {
    return [...(this.#byOwner.get(owner) ?? [])].flatMap((id) => this.get(id) ?? []);
  }

  /** The oldest first. */
  all(): WebhookEndpoint[] {
    return Array.from(this.#table.entries(), ([, { endpoint }]) => endpoint).sort((one, other) =>
      one.id < other.id ? -1 : 1,
    );
  }

  /** Endpoints that were registered by then, by the log's clock. @param timestamp milliseconds since 1970 */
  ofOwnerBy(owner: string, timestamp: number): WebhookEndpoint[] {
    return this.ofOwner(owner).filter(({ id, createdAt }) => {
      const begun = Math.min(
        this.#begun.get(id)?.timestamp ?? Number.POSITIVE_INFINITY,
        Date.parse(createdAt),
      );
      return begun <= timestamp;
    });
  }

  /** Resolves once whatever was registered before the call is known. */
  catchUp(): Promise<void> {
    return this.#table.catchUp();
  }

  /**
   * Of those that are registered at the same moment, by whichever instances, the first by the log's clock stay, and the others withdraw. Where
   * the clocks of brokers differ, or a process dies before it withdraws, a few more than may be are left.
   * @throws Problem state_conflict: the owner has as many as may be
   */
  async register(
    owner: string,
    url: string,
    types: WebhookType[],
  ): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
    await this.catchUp();
    if (this.ofOwner(owner).length >= MAX_WEBHOOKS_PER_OWNER) throw tooMany();
    const secret = makeSecret();
    const endpoint: WebhookEndpoint = {
      ...{ id: uuidv7(), owner, url, types, createdAt: new Date().toISOString() },
      secrets: [{ sealed: this.#sealed.seal(secret) }],
    };
    await this.#write(endpoint);
    if (!this.#oldestOf(owner).includes(endpoint.id)) {
      await insist(() => this.remove(endpoint.id));
      throw tooMany();
    }
    return { endpoint, secret };
  }

  /**
   * Makes a new secret, and resolves with it. The former secret signs too, for a day. What the log has of the endpoint before this change counts,
   * whichever instance has written it: a secret that was made at the same moment is the former one, and an endpoint that was removed stays so. A
   * process that dies, or finds no log for `INSIST_MS`, between its first record and the one that mends it leaves the first one.
   * @throws Problem not_found: it was removed meanwhile
   */
  async rotate(id: string): Promise<string> {
    const secret = makeSecret();
    const sealed = this.#sealed.seal(secret);
    const changes: Change[] = [];
    const unwatch = this.#table.onChange((key, registered, { offset }) => {
      if (key === id) changes.push({ offset, endpoint: registered?.endpoint });
    });
    try {
      await this.catchUp();
      let before: Change = { offset: changes.at(-1)?.offset ?? -1, endpoint: this.get(id) };
      for (;;) {
        const { offset: since, endpoint } = before;
        if (endpoint === undefined) throw notFound();
        const written = await insist(() => this.#write(rotated(endpoint, sealed)));
        // What was tried again may stand there twice; only this change has its secret first.
        const overtaken = changes.findLast(
          (change) =>
            change.offset > since &&
            change.offset < written &&
            change.endpoint?.secrets[0]?.sealed !== sealed,
        );
        if (overtaken === undefined) return secret;
        before = overtaken;
        if (before.endpoint === undefined) await insist(() => this.remove(id));
      }
    } finally {
      unwatch();
    }
  }

  async remove(id: string): Promise<void> {
    await this.#log.append([{ topic: topics.webhookEndpoints, key: id, value: null }]);
    await this.catchUp();
  }

  /** The secrets that sign at a moment, the newest first; none where they cannot be read. */
  secretsOf({ secrets }: WebhookEndpoint, now: number): string[] {
    return secrets
      .filter(({ until }) => until === undefined || Date.parse(until) > now)
      .flatMap(({ sealed }) => this.#sealed.open(sealed) ?? []);
  }

  close(): Promise<void> {
    return this.#table.close();
  }

  /** Resolves with its offset once the table holds it, and all before it. */
  async #write(endpoint: WebhookEndpoint): Promise<number> {
    const value = encoder.encode(JSON.stringify(endpoint));
    const positions = await this.#log.append([{ topic: topics.webhookEndpoints, key: endpoint.id, value }]);
    await this.catchUp();
    return positions[0]?.offset ?? 0;
  }

  /** The ids of as many as may be, those that were registered first, by the log's clock. */
  #oldestOf(owner: string): string[] {
    const begunAt = (id: string) => this.#begun.get(id)?.timestamp ?? 0;
    return this.ofOwner(owner)
      .map(({ id }) => id)
      .sort((one, other) => begunAt(one) - begunAt(other) || (one < other ? -1 : 1))
      .slice(0, MAX_WEBHOOKS_PER_OWNER);
  }

  #keep(id: string, registered: Registered | undefined): void {
    if (registered === undefined) {
      const { owner = '' } = this.#begun.get(id) ?? {};
      const left = this.#byOwner.get(owner);
      if (left?.delete(id) && left.size === 0) this.#byOwner.delete(owner);
      this.#begun.delete(id);
      return;
    }
    const { endpoint, timestamp } = registered;
    const begun = Math.min(timestamp, this.#begun.get(id)?.timestamp ?? timestamp);
    this.#begun.set(id, { owner: endpoint.owner, timestamp: begun });
    const ids = this.#byOwner.get(endpoint.owner) ?? new Set();
    this.#byOwner.set(endpoint.owner, ids.add(id));
  }
}

function insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  return retryUntil(attempt, { withinMs: INSIST_MS });
}

/** The endpoint with a new secret before the one that it had. */
function rotated(endpoint: WebhookEndpoint, sealed: string): WebhookEndpoint {
  const until = new Date(Date.now() + WEBHOOK_ROTATION_MS).toISOString();
  const former = endpoint.secrets.slice(0, 1).map((one) => ({ sealed: one.sealed, until }));
  return { ...endpoint, secrets: [{ sealed }, ...former] };
}

function tooMany(): Problem {
  return new Problem('state_conflict', `There are ${MAX_WEBHOOKS_PER_OWNER} webhooks, and no more may be.`);
}
