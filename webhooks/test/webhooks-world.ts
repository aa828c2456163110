/** The webhooks service on the embedded log, with its routes on real HTTP, and outcomes that the test puts into the log. */

import type { Webhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Clock } from '@tidings/event-log/schedule/clock.ts';
import { pause } from '@tidings/failures/retry.ts';
import { createTokenAuthority, type TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { close, createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { v7 as uuidv7 } from 'uuid';
import { onTestFinished } from 'vitest';
import { startWebhooks, type WebhooksParts } from '../app.ts';

export const AUTH_SECRET = 'a'.repeat(32);
export const SUPPORT_TOKEN = 's'.repeat(32);
export const API_KEY = 'k'.repeat(32);

/** The real time, and more of it where the test says so; waits look at it every few milliseconds. */
export class AheadClock implements Clock {
  aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await pause(Math.min(milliseconds, 10), signal);
  }
}

export interface World {
  readonly log: EventLog;
  readonly clock: AheadClock;
  readonly tokens: TokenAuthority;
  /** As `POST /webhooks/:webhookId/test`. */
  readonly routes: readonly string[];
  token(owner: string): Promise<string>;
  /** A request with this bearer token. */
  send(method: string, path: string, token: string, body?: unknown): Promise<Response>;
  register(token: string, url: string, types?: readonly string[]): Promise<Webhook & { secret: string }>;
  deliveries(token: string, id: string): Promise<WebhookDelivery[]>;
  /** Puts an outcome of an import of the owner into the log, with these data. */
  outcome(owner: string, data?: object, type?: string): Promise<string>;
  /** Stops the service, as at the end of a process. */
  stop(): Promise<void>;
}

export async function startWorld(
  options: Partial<WebhooksParts> & { readonly userJwtSecret?: string } = {},
): Promise<World> {
  const log = options.log ?? (await openTestLog());
  const clock = new AheadClock();
  const tokens = createTokenAuthority({
    ...{ authSecret: AUTH_SECRET, supportToken: SUPPORT_TOKEN, publishApiKey: API_KEY },
    userJwtSecret: options.userJwtSecret,
  });
  const service = await startWebhooks({
    ...{ log, logger: silentLogger, registry: createRegistry({ processMetrics: false }), tokens, clock },
    ...{ authSecrets: [AUTH_SECRET], allowLoopback: true },
    ...options,
  });
  const server = createHttpServer(express().use(service.router, answerProblems(silentLogger)));
  const port = await listen(server, 0, '127.0.0.1');
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= close(server, 100).then(() => service.stop());
    return stopped;
  };
  onTestFinished(stop);
  const send: World['send'] = (method, path, token, body) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ...{ log, clock, tokens, send, stop },
    routes: service.router.stack.flatMap(({ route }) =>
      route === undefined ? [] : [`${route.stack[0]?.method.toUpperCase()} ${route.path}`],
    ),
    token: (owner) => tokens.issueChannelToken({ channelId: tokens.newChannelId(owner), owner }),
    async register(token, url, types) {
      const response = await send('POST', '/webhooks', token, { url, types });
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as Webhook & { secret: string };
    },
    async deliveries(token, id) {
      const response = await send('GET', `/webhooks/${id}/deliveries`, token);
      return ((await response.json()) as { items: WebhookDelivery[] }).items;
    },
    async outcome(owner, data = {}, type = 'import.completed') {
      const importId = uuidv7();
      const value = encodeEvent(createEvent({ type, subject: importId, owner, data: { importId, ...data } }));
      // The aggregator tells support's channel the same.
      await log.append(
        [tokens.newChannelId(owner), 'support'].map((key) => ({ topic: topics.notifications, key, value })),
      );
      return importId;
    },
  };
}
