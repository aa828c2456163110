/**
 * Webhooks at scale, behind the proxy and a login: two processes share the endpoints, and are killed and paused at the worst moments. Outcomes come
 * as the aggregator tells them.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { CreatedWebhook, Webhook, WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { buildServices } from '@tidings/service-kit/build-services.mjs';
import { getJson } from '@tidings/testing/connections/requests.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { type Guard, startGuard } from '@tidings/testing/engines/guard.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { provision } from '@tidings/testing/engines/provision.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type ReverseProxy, startReverseProxy } from '@tidings/testing/stack/reverse-proxy.ts';
import { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { Webhook as Verifier } from 'standardwebhooks';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonWithKafka } from '../../foreign/python.ts';
import { readCommitted } from '../../foreign/read-committed.ts';
import { type Certificate, certify } from '../../test/certificate.ts';
import { RunningProgram, root } from '../../test/installed-client.ts';
import { WebhookPartner } from '../../test/webhook-partner.ts';

const SLOW = { timeout: 300_000 };
const patiently = { withinMs: 90_000, everyMs: 50 };
const loginSecret = 'login'.repeat(8);
const supportToken = randomBytes(18).toString('base64url');
let engines: Engines;
let guard: Guard;
let proxy: ReverseProxy;
let log: EventLog;
let instances: ServiceInstance[] = [];
let certificate: Certificate;
let python: string;
let folder: Awaited<ReturnType<typeof makeFolder>>;

beforeAll(async () => {
  folder = await makeFolder();
  guard = await startGuard(folder.path);
  const needs = { kafka: undefined, redis: false, postgres: false, nginx: true };
  const { nginx = '' } = await provision(needs, () => undefined);
  await buildServices();
  [certificate, python] = await Promise.all([certify(folder.path, 'partner'), pythonWithKafka()]);
  engines = await startEngines({ kafka: true });
  const [port = 0, ...ports] = await findFreePorts(5);
  const environment = {
    ...{ KAFKA_BROKERS: engines.kafkaBrokers, TOPIC_PARTITIONS: '2', SUPPORT_TOKEN: supportToken },
    ...{ AUTH_SECRET: randomBytes(32).toString('base64url'), USER_JWT_SECRET: loginSecret, TRUST_PROXY: '1' },
    ...{ WEBHOOK_ALLOW_PRIVATE: 'true', NODE_EXTRA_CA_CERTS: certificate.path, LOG_LEVEL: 'warn' },
  };
  instances = [ports.slice(0, 2), ports.slice(2)].map(
    ([port = 0, healthPort = 0]) =>
      new ServiceInstance({
        ...{ service: 'webhooks', port, healthPort, environment },
        onSpawn: (identity) => guard.watch(identity),
      }),
  );
  await Promise.all(instances.map((instance) => instance.start()));
  proxy = await startReverseProxy({
    ...{ program: nginx, directory: folder.path, port, onSpawn: (identity) => guard.watch(identity) },
    // Nobody else stands behind it.
    ...{ hubPorts: [9], jobsServicePorts: [9], webhooksPorts: instances.map((one) => one.port) },
  });
  log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
}, 400_000);
afterAll(async () => {
  await log?.close();
  await Promise.all([proxy?.stop(), ...instances.map((instance) => instance.kill())]);
  await guard?.close();
  await engines?.stop();
  await folder?.remove();
});

const outputs = () => instances.map((instance) => instance.output()).join('\n');

/** An owner, as the site's login names them. */
function signIn(owner: string) {
  const headers = {
    Authorization: `Bearer ${signUserToken(owner, loginSecret)}`,
    'Content-Type': 'application/json',
  };
  const call = (method: string, path: string, body?: object) =>
    fetch(`${proxy.url}${path}`, { method, headers, body: body && JSON.stringify(body) });
  return {
    call,
    async register(url: string): Promise<CreatedWebhook> {
      const response = await call('POST', '/webhooks', { url });
      expect(response.status, outputs()).toBe(201);
      return (await response.json()) as CreatedWebhook;
    },
    deliveries: async (id: string) => {
      const address = `${proxy.url}/webhooks/${id}/deliveries`;
      return (await getJson<{ items: WebhookDelivery[] }>(address, supportToken)).items;
    },
    /** An import has ended. @returns its id */
    async end(fileName: string): Promise<string> {
      const importId = uuidv7();
      const data = { importId, fileName, rows: { total: 1, created: 1 } };
      const event = createEvent({ type: 'import.completed', subject: importId, owner, data });
      await log.append([
        { topic: topics.notifications, key: `channel of ${owner}`, value: encodeEvent(event) },
      ]);
      return importId;
    },
  };
}

test(
  'an owner who has signed in registers an endpoint through the proxy, and alone gets the outcomes there',
  SLOW,
  async () => {
    const partner = await WebhookPartner.start(certificate);
    const [mira, noor] = [signIn('mira'), signIn('noor')];
    const webhook = await mira.register(partner.url);
    const listed = async (owner: typeof mira) =>
      ((await (await owner.call('GET', '/webhooks')).json()) as { items: Webhook[] }).items;
    // Each request may reach the other process.
    for (let request = 0; request < 4; request += 1) {
      expect(await listed(mira)).toMatchObject([{ id: webhook.id, url: partner.url, status: 'enabled' }]);
      expect(await listed(noor)).toEqual([]);
      expect((await noor.call('POST', `/webhooks/${webhook.id}/test`)).status).toBe(404);
    }
    expect((await fetch(`${proxy.url}/webhooks`)).status).toBe(401);
    await noor.end('noor.csv');
    const importId = await mira.end('mira.csv');
    await eventually(() => expect(partner.fileNames()).toEqual(['mira.csv']), patiently);
    const [{ text, headers } = { text: '', headers: {} }] = partner.received;
    expect(new Verifier(webhook.secret).verify(text, headers as Record<string, string>)).toMatchObject({
      type: 'import.completed',
      data: { importId, rows: { total: 1, created: 1 } },
    });
    await eventually(
      async () =>
        expect(await mira.deliveries(webhook.id)).toMatchObject([{ status: 'delivered', attempts: 1 }]),
      patiently,
    );
    expect((await mira.call('DELETE', `/webhooks/${webhook.id}`)).status).toBe(204);
  },
);

test(
  'what was delivered and not written down comes again, under the same id, and then the next ones in order',
  SLOW,
  async () => {
    const partner = await WebhookPartner.start(certificate);
    const mira = signIn('mira');
    let killed: Promise<unknown> | null = null;
    // The delivery has arrived, and the process that has sent it dies before it can write that down.
    partner.answer = () => {
      killed ??= Promise.all(instances.map((process) => process.kill()));
    };
    const webhook = await mira.register(partner.url);
    await mira.end('first.csv');
    await eventually(() => expect(killed).not.toBeNull(), patiently);
    await killed;
    partner.answer = (response) => void response.writeHead(204).end();
    await mira.end('second.csv');
    await Promise.all(instances.map((process) => process.start()));
    await eventually(
      () => expect(partner.fileNames()).toEqual(['first.csv', 'first.csv', 'second.csv']),
      patiently,
    );
    const [first, again, next] = partner.received.map(({ id }) => id);
    expect(again).toBe(first);
    expect(next).not.toBe(first);
    await mira.call('DELETE', `/webhooks/${webhook.id}`);
  },
);

// A process that is stopped and goes on does not know that another one has its endpoints. What it knew of them is as old as its stop, and the
// delivery that it wanted to repeat was sent, behind those that had come after it.
test(
  'a process that was paused past its session sends nothing of what another one has sent meanwhile',
  SLOW,
  async () => {
    const partner = await WebhookPartner.start(certificate);
    const mira = signIn('mira');
    partner.answer = (response) => void response.writeHead(503).end();
    const webhook = await mira.register(partner.url);
    await mira.end('1.csv');
    const owner = await eventually(async () => {
      for (const process of instances)
        if (/attempts_total\{outcome="status_not_2xx"\} [1-9]/.test(await process.metrics())) return process;
      throw new Error('no attempt has failed');
    }, patiently);
    owner.pause();
    try {
      partner.answer = (response) => void response.writeHead(204).end();
      for (const fileName of ['2.csv', '3.csv']) {
        const before = partner.received.length;
        await mira.end(fileName);
        await eventually(() => expect(partner.received.length).toBeGreaterThan(before), patiently);
      }
      await eventually(() => expect(partner.fileNames().at(-1)).toBe('3.csv'), patiently);
    } finally {
      owner.resume();
    }
    await owner.untilReady();
    // The process ends the attempts that it has in hand before it stops, so each of its deliveries has come.
    await owner.stop();
    const names = partner.fileNames();
    expect(names.filter((name, place) => name !== names[place - 1])).toEqual(['1.csv', '2.csv', '3.csv']);
    expect((await mira.deliveries(webhook.id)).map(({ status }) => status)).toEqual(
      Array(3).fill('delivered'),
    );
    await owner.start();
    await mira.call('DELETE', `/webhooks/${webhook.id}`);
  },
);

test(
  'kafka-python counts each delivery once, while the processes that make them are killed',
  SLOW,
  async () => {
    const mira = signIn('mira');
    const partner = await WebhookPartner.start(certificate);
    const webhook = await mira.register(partner.url);
    const script = join(root, 'e2e/foreign/read_committed.py');
    const reader = new RunningProgram(python, [script, engines.kafkaBrokers, topics.webhookDeliveries], {});
    await eventually(() => expect(reader.output).toContain('ready'), patiently);
    const importIds: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      importIds.push(await mira.end(`killed-${round}.csv`));
      const victim = instances[round % 2];
      await victim?.kill();
      importIds.push(await mira.end(`away-${round}.csv`));
      await victim?.start();
    }
    await eventually(() => {
      const added = readCommitted(reader).flatMap(({ key, value }) => {
        const { type, delivery } = value as { type: string; delivery?: { subject: string } };
        return key === webhook.id && type === 'add' ? [delivery?.subject] : [];
      });
      expect(added).toEqual(importIds);
      expect(new Set(partner.received.map(({ id }) => id)).size).toBe(importIds.length);
    }, patiently);
    await mira.call('DELETE', `/webhooks/${webhook.id}`);
  },
);
