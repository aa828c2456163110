/**
 * Kafka for a network that others share: TLS, certificates both ways, a password. The processes learn how to connect from the
 * environment alone, as an operator sets it.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAggregatorConfig } from '@tidings/aggregator/config.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { buildServices } from '@tidings/service-kit/build-services.mjs';
import { kafkaSettings } from '@tidings/service-kit/config/engine-variables.ts';
import { type Guard, startGuard } from '@tidings/testing/engines/guard.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Certificate, certify } from '../../test/certificate.ts';

const USER = 'tidings';
const PASSWORD = 'a password, with "signs"';

let guard: Guard;
let engines: Engines;
let authority: Certificate;
let client: Certificate;
let brokers = '';

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-secured-'));
  guard = await startGuard(directory);
  await buildServices();
  [authority, client] = await Promise.all([certify(directory, 'broker'), certify(directory, 'client')]);
  const [port = 0] = await findFreePorts(1);
  brokers = `127.0.0.1:${port}`;
  engines = await startEngines({
    kafka: true,
    kafkaVariation: { properties: (ports) => securedListener(port, ports) },
  });
  // Kafka's tool takes one credential of a user at a time.
  const user = ['--entity-type', 'users', '--entity-name', USER];
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    await engines.kafka.runTool('kafka.admin.ConfigCommand', [
      ...['--bootstrap-server', engines.kafkaBrokers, '--alter', ...user],
      ...['--add-config', `${mechanism}=[password=${PASSWORD}]`],
    ]);
  }
}, 120_000);

afterAll(async () => {
  await engines?.stop();
  await guard?.close();
});

function securedListener(
  port: number,
  ports: { readonly broker: number; readonly controller: number },
): string[] {
  const at = (name: string, of: number) => `${name}://127.0.0.1:${of}`;
  const plaintext = at('PLAINTEXT', ports.broker);
  const secured = at('SECURED', port);
  const property = (name: string, value: string) =>
    `listener.name.secured.${name}=${value.trim().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`;
  const jaas = 'org.apache.kafka.common.security';
  const quoted = PASSWORD.replaceAll('"', '\\"');
  return [
    `listeners=${plaintext},${at('CONTROLLER', ports.controller)},${secured}`,
    `advertised.listeners=${plaintext},${secured}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL',
    property('ssl.keystore.type', 'PEM'),
    property('ssl.keystore.certificate.chain', authority.certificate),
    property('ssl.keystore.key', authority.key),
    property('ssl.truststore.type', 'PEM'),
    property('ssl.truststore.certificates', client.certificate),
    property('ssl.client.auth', 'required'),
    property('sasl.enabled.mechanisms', 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512'),
    property('plain.sasl.jaas.config', `${jaas}.plain.PlainLoginModule required user_${USER}="${quoted}";`),
    property('scram-sha-256.sasl.jaas.config', `${jaas}.scram.ScramLoginModule required;`),
    property('scram-sha-512.sasl.jaas.config', `${jaas}.scram.ScramLoginModule required;`),
  ];
}

function environmentWith(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment = {
    KAFKA_BROKERS: brokers,
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA: authority.certificate,
    KAFKA_TLS_CERT: client.certificate,
    KAFKA_TLS_KEY: client.key,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: USER,
    KAFKA_SASL_PASSWORD: PASSWORD,
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

async function aggregatorWith(environment: Record<string, string>): Promise<ServiceInstance> {
  const [port = 0] = await findFreePorts(1);
  const instance = new ServiceInstance({ service: 'aggregator', port, environment, onSpawn: guard.watch });
  onTestFinished(() => instance.kill());
  return instance;
}

describe('Kafka with TLS, certificates both ways and a password', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    '%s: an import is folded, in a transaction',
    async (mechanism) => {
      const environment = environmentWith({ KAFKA_SASL_MECHANISM: mechanism });
      const aggregator = await aggregatorWith(environment);
      await aggregator.start();
      const log = await openKafkaLog(kafkaSettings(readAggregatorConfig(environment)));
      onTestFinished(() => log.close());
      const importId = randomUUID();
      const data = {
        uploadId: randomUUID(),
        channelId: 'c',
        owner: 'o',
        fileName: 'a.csv',
        clientReference: null,
      };
      const accepted = createEvent({ type: 'import.accepted', subject: importId, data });
      await log.append([{ topic: topics.commands, key: importId, value: encodeEvent(accepted) }]);
      for await (const records of log.read({ topic: topics.state, from: 'earliest', follow: true })) {
        if (records.some(({ key }) => key === importId)) break;
      }
      expect(await aggregator.stop()).toBe(0);
    },
    60_000,
  );

  test.each([
    ['a wrong password', { KAFKA_SASL_PASSWORD: 'guessed' }, /authentication failed/i],
    ['an authority that nobody knows', { KAFKA_TLS_CA: undefined }, /self-signed certificate/],
    ['no certificate of its own', { KAFKA_TLS_CERT: undefined, KAFKA_TLS_KEY: undefined }, /certificate/],
  ])('%s ends it at once, with one line', async (_, changes, reason) => {
    const aggregator = await aggregatorWith(environmentWith(changes));
    aggregator.spawn();
    expect(await aggregator.exited()).toBe(1);
    const lines = aggregator
      .output()
      .split('\n')
      .filter((line) => line.startsWith('aggregator: '));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^aggregator: Kafka and this program do not let each other in: .*\.$/);
    expect(lines[0]).toMatch(reason);
  });
});
