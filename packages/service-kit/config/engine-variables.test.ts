import { mistakesIn } from '@tidings/testing/services/config-mistakes.ts';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import {
  checkKafkaVariables,
  databaseVariables,
  kafkaSettings,
  kafkaVariables,
  redisVariables,
} from './engine-variables.ts';

const shape = { ...kafkaVariables, ...databaseVariables, ...redisVariables };
const addresses = {
  KAFKA_BROKERS: 'kafka-1:9092, [::1]:9093',
  DATABASE_URL: 'postgres://user:password@db:5432/tidings',
  REDIS_URL: 'rediss://:password@cache:6380',
};

const read = (environment: Record<string, string>) => readConfig(shape, environment, checkKafkaVariables);

const mistakesOf = (environment: Record<string, string>) => mistakesIn(() => read(environment));

describe('addresses of the engines', () => {
  test('every one that is missing is named', () => {
    expect(mistakesOf({})).toEqual([
      'KAFKA_BROKERS is not set, and is needed',
      'DATABASE_URL is not set, and is needed',
      'REDIS_URL is not set, and is needed',
    ]);
  });

  test.each([
    ['KAFKA_BROKERS', 'kafka-1'],
    ['KAFKA_BROKERS', ' , '],
    ['KAFKA_BROKERS', 'kafka://kafka-1:9092'],
    ['DATABASE_URL', 'mysql://user@db/tidings'],
    ['REDIS_URL', 'cache:6379'],
    ['KAFKA_TLS', 'yes'],
    ['KAFKA_SASL_MECHANISM', 'gssapi'],
    ['TOPIC_REPLICATION', '0'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(mistakesOf({ ...addresses, [name]: value })).toContainEqual(
      expect.stringMatching(new RegExp(`^${name} must `)),
    );
  });

  test('a user without a password, a certificate without its key: both are named, beside what else is wrong', () => {
    const mistakes = mistakesOf({
      ...addresses,
      REDIS_URL: '',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'tidings',
      KAFKA_TLS_CERT: 'PEM',
    });
    expect(mistakes.map((mistake) => mistake.split(' ')[0])).toEqual([
      'REDIS_URL',
      'KAFKA_SASL_PASSWORD',
      'KAFKA_TLS_CERT',
    ]);
    expect(mistakesOf({ ...addresses, KAFKA_SASL_PASSWORD: 'secret' })).toEqual([
      'KAFKA_SASL_MECHANISM is not set, and is needed with a user name or password',
    ]);
  });
});

describe('the connection to Kafka', () => {
  test('has neither TLS nor a password by default', () => {
    expect(kafkaSettings(read(addresses))).toEqual({
      brokers: ['kafka-1:9092', '[::1]:9093'],
      replication: 1,
    });
  });

  test('has TLS and a password where they are set', () => {
    const environment = {
      ...addresses,
      TOPIC_REPLICATION: '3',
      KAFKA_TLS: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'tidings',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    const sasl = { mechanism: 'scram-sha-512', username: 'tidings', password: 'secret' };
    expect(kafkaSettings(read(environment))).toMatchObject({ replication: 3, ssl: true, sasl });
    expect(kafkaSettings(read({ ...environment, KAFKA_TLS_CA: 'PEM' }))).toMatchObject({
      ssl: { ca: 'PEM' },
    });
  });
});
