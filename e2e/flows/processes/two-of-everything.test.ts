/** The main job without a page, on two of every process: real Kafka, Redis and PostgreSQL, behind the proxy. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Page } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { CreatedWebhook } from '@tidings/contracts/owners/webhooks.ts';
import { planTopics } from '@tidings/contracts/topics.ts';
import { appendByKafka } from '@tidings/protocol-conformance/kafka.ts';
import { NICENESS } from '@tidings/service-kit/process/give-way.ts';
import { serviceNames } from '@tidings/service-kit/programs.mjs';
import {
  acceptImport,
  createChannel,
  getJson,
  problemOf,
  untilEnded,
} from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { describeConformance } from '../../test/conformance.ts';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { listen } from '../../test/listener.ts';
import { expectOutcome } from '../../test/outcome.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A service without workers. */
const services = { services: { echo: { methods: { say: {} } } } };

let system: Distributed;
beforeAll(async () => {
  system = await startDistributed({
    environment: { REQUESTS: JSON.stringify(services), WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
  // Long enough to install and download the engines first.
}, 420_000);
afterAll(() => system?.stop());

describe('through the proxy, for two hubs', () => {
  let foreign: Awaited<ReturnType<typeof appendByKafka>> | undefined;
  afterAll(() => foreign?.close());

  describeConformance(async () => {
    foreign = await appendByKafka(system.engines.kafkaBrokers);
    return {
      url: system.url,
      apiKey: system.apiKey,
      supportToken: system.supportToken,
      append: foreign.append,
      method: 'echo/say',
    };
  });
});

describe('through the proxy', () => {
  test('a file ends exact, on every hub and every jobs service, and support sees the same', async () => {
    const file = makeContactsFile(5_000, 'distributed.example');
    const support = await listen(system.url, { channelId: 'support', token: system.supportToken });
    const mine = await listen(system.url);
    const { channelId, token, epoch } = mine.opened;
    const onEachHub = await Promise.all(
      system.processes.hub.map(({ url }) => listen(url, { channelId, token })),
    );
    const { importId } = await acceptImport(system.url, {
      file: file.bytes,
      fields: { channelId, channelToken: token },
    });
    const outcome = await mine.until(({ final }) => final === true);
    const state = outcome.data as ImportState;
    expect(state.rows).toEqual({ total: file.rows, ...file.expected });
    for (const listener of [mine, ...onEachHub]) await expectOutcome(listener, state, epoch);
    const seen = await support.until(({ subject, final }) => subject === importId && final === true);
    expect(seen.data).toEqual({ ...state, owner: 'default' });

    for (const { url } of system.processes['jobs-service']) {
      expect((await untilEnded(url, importId, token)).rows).toEqual(state.rows);
      await eventually(
        async () =>
          expect(await getJson<ImportState>(`${url}/imports/${importId}`, system.supportToken)).toMatchObject(
            {
              reconciled: true,
            },
          ),
        { withinMs: 30_000, everyMs: 50 },
      );
    }
  });

  test('pages and their assets come from the one origin; health and metrics do not', async () => {
    const page = await (await fetch(`${system.url}/`, { headers: { Accept: 'text/html' } })).text();
    const [asset = ''] = /\/assets\/[\w.-]+\.js/.exec(page) ?? [];
    const script = await fetch(`${system.url}${asset}`);
    expect(script.status).toBe(200);
    expect(script.headers.get('content-encoding')).toBe('gzip');
    for (const path of ['/livez', '/readyz', '/metrics'])
      expect((await fetch(`${system.url}${path}`)).status).toBe(404);
  });

  test('problem documents come through as the services write them', async () => {
    const { token } = await createChannel(system.url);
    const missing = await fetch(`${system.url}/imports/0190163d-8694-739b-aea5-966c26f8ad91`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await problemOf(missing)).toMatchObject({ code: 'not_found', status: 404 });
  });
});

test('an endpoint that is registered through the proxy is told how an import has ended', async () => {
  const got: { headers: IncomingHttpHeaders; text: string }[] = [];
  const partner = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      got.push({ headers: request.headers, text: Buffer.concat(parts).toString() });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => partner.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void partner.close());
  const { channelId, token } = await createChannel(system.url);
  const url = `http://127.0.0.1:${(partner.address() as AddressInfo).port}/`;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const registered = await fetch(`${system.url}/webhooks`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ url }) },
  });
  expect(registered.status).toBe(201);
  const { id, secret } = (await registered.json()) as CreatedWebhook;
  const { importId } = await acceptImport(system.url, {
    file: makeContactsFile(100, 'hooked.example').bytes,
    fields: { channelId, channelToken: token },
  });
  await eventually(() => expect(got).toHaveLength(1), { withinMs: 60_000, everyMs: 50 });
  const verified = new Verifier(secret).verify(got[0]?.text ?? '', got[0]?.headers as Record<string, string>);
  expect(verified).toMatchObject({ type: 'import.completed_with_errors', data: { importId } });
  expect((await fetch(`${system.url}/webhooks/${id}`, { method: 'DELETE', headers })).status).toBe(204);
});

test('tokens that one jobs service takes back are refused by every other process, and their connections end', async () => {
  const { channelId, token } = (await listen(system.url)).opened;
  const listeners = await Promise.all(
    system.processes.hub.map(({ url }) => listen(url, { channelId, token })),
  );
  const [first] = system.processes['jobs-service'];
  const revoked = await fetch(`${first?.url}/owners/default/tokens`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${system.supportToken}` },
  });
  expect(revoked.status).toBe(204);
  for (const { url } of system.processes['jobs-service']) {
    await eventually(
      async () => {
        const answer = await fetch(`${url}/imports`, { headers: { Authorization: `Bearer ${token}` } });
        expect(answer.status).toBe(401);
      },
      { withinMs: 30_000, everyMs: 500 },
    );
  }
  for (const [number, { url }] of system.processes.hub.entries()) {
    await eventually(() => expect(listeners[number]?.losses()).toBe(1), { withinMs: 30_000 });
    await expect(listen(url, { channelId, token })).rejects.toThrow('token_invalid');
    const anew = (await listen(url)).opened;
    expect((await listen(url, { channelId: anew.channelId, token: anew.token })).opened.epoch).toBe(
      anew.epoch,
    );
  }
});

test('nothing of an owner that one jobs service erases comes back from uploads that the other takes meanwhile', async () => {
  const [first, second] = system.processes['jobs-service'].map(({ url }) => url);
  const headers = { Authorization: `Bearer ${system.supportToken}` };
  const erase = () => fetch(`${second}/owners/default`, { method: 'DELETE', headers });
  const file = makeContactsFile(500, 'erased.example');
  for (let round = 0; round < 2; round += 1) {
    const [accepted] = await Promise.all([
      acceptImport(first ?? '', { file: file.bytes }).catch(() => null),
      erase(),
    ]);
    // 409 while it sees the import run; 202 where something is left to do.
    await eventually(async () => expect((await erase()).status).toBe(200), {
      withinMs: 90_000,
      everyMs: 200,
    });
    const status = async () => (await fetch(`${first}/imports/${accepted?.importId}`, { headers })).status;
    if (accepted !== null)
      await eventually(async () => expect(await status()).toBe(404), { withinMs: 60_000, everyMs: 200 });
    const { token } = await createChannel(system.url);
    for (const list of ['contacts', 'imports'])
      expect(await getJson<Page<unknown>>(`${second}/${list}`, token)).toMatchObject({ items: [] });
  }
  const { importId, channelToken } = await acceptImport(first ?? '', { file: file.bytes });
  const { rows } = await untilEnded(first ?? '', importId, channelToken);
  expect(rows).toEqual({ total: file.rows, ...file.expected });
}, 240_000);

const compose = parse(readFileSync(`${root}/docker-compose.yml`, 'utf8'), { merge: true });

test('the services that compose gives less of the processor give way by themselves as well', () => {
  const givingWay = serviceNames.filter((service) => compose.services[service].cpu_shares < 1024);
  expect(givingWay).toEqual(['jobs-service', 'importer']);
  for (const service of serviceNames) {
    const priorities = system.processes[service].map(({ pid }) => getPriority(pid));
    const expected = givingWay.includes(service) ? NICENESS : getPriority();
    expect(new Set(priorities), service).toEqual(new Set([expected]));
  }
});

test('the health check of the image finds each instance well', async () => {
  for (const service of serviceNames) {
    const [kind, command, ...words]: string[] = compose.services[service].healthcheck.test;
    expect([kind, command]).toEqual(['CMD', 'node']);
    for (const instance of system.processes[service]) {
      const own = words.map((word) => word.replace('http://127.0.0.1:3001/', `${instance.healthUrl}/`));
      expect(own).not.toEqual(words);
      expect(spawnSync(process.execPath, own).status, service).toBe(0);
      expect(await instance.metrics()).toContain('process_cpu_seconds_total');
    }
  }
});

test('the job that prepares the engines finds all in place, and says so where it is not as asked', () => {
  const run = (environment: Readonly<Record<string, string>>) =>
    spawnSync('dist/run', ['prepare-engines'], {
      cwd: root,
      env: { PATH: process.env.PATH, ...system.environment, ...environment },
      encoding: 'utf8',
    });
  expect(run({})).toMatchObject({ stderr: '', status: 0 });
  const other = run({ TOPIC_PARTITIONS: '7' });
  expect(other.status).toBe(1);
  expect(other.stderr).toMatch(/^prepare-engines: Topic import-work.express exists otherwise: [^\n]*\n$/);
  const spread = planTopics(6).filter(({ partitions }) => partitions === 6);
  for (const { name } of spread)
    expect(other.stderr).toContain(`Topic ${name} exists otherwise: partitions is 6, not 7.`);
});

test('each process drains, leaves with 0, and comes back, while an import runs to its exact end', async () => {
  const file = makeContactsFile(20_000, 'rolling.example');
  const { channelId, token } = await createChannel(system.url);
  const { importId } = await acceptImport(system.url, {
    file: file.bytes,
    fields: { channelId, channelToken: token },
  });
  for (const service of serviceNames) {
    for (const instance of system.processes[service]) {
      const code = await instance.stop();
      await instance.start();
      expect(code, `${service}\n${instance.output()}`).toBe(0);
    }
  }
  const { rows } = await untilEnded(system.url, importId, token);
  expect(rows).toEqual({ total: file.rows, ...file.expected });
}, 300_000);
