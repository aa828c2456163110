/** Addresses of the engines at scale, and how to connect to them. The `config.ts` of a service takes those that it needs. */
import { z } from 'zod';
import type { RawValues } from './config.ts';
import { wholeNumber } from './config.ts';

const BROKER = /^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i;
const brokersError = 'must hold brokers such as kafka-1:9092,kafka-2:9092, parted by commas';

export const kafkaVariables = {
  KAFKA_BROKERS: z
    .string()
    .transform((list) =>
      list
        .split(',')
        .map((broker) => broker.trim())
        .filter((broker) => broker !== ''),
    )
    .pipe(z.array(z.string().regex(BROKER, { error: brokersError })).min(1, { error: brokersError })),
  KAFKA_TLS: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  /** PEM; not given: the authorities that Node.js knows. */
  KAFKA_TLS_CA: z.string().optional(),
  /** PEM, of a client that shows a certificate itself. */
  KAFKA_TLS_CERT: z.string().optional(),
  KAFKA_TLS_KEY: z.string().optional(),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], {
      error: 'must be plain, scram-sha-256 or scram-sha-512',
    })
    .optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  /** Partitions of each topic that work is spread over. Members of a group beyond this number have nothing to do. */
  TOPIC_PARTITIONS: wholeNumber(1, 1000, 'partitions').default(6),
  /** Brokers that hold each record; 3 on a cluster of three or more. */
  TOPIC_REPLICATION: wholeNumber(1, 15, 'replicas').default(1),
};

/** A PostgreSQL address: `postgres://user:password@host:port/database`. */
export const databaseVariables = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
};

/** A Redis address: `redis://:password@host:port`, `rediss://` for TLS. */
export const redisVariables = {
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' }),
};

type KafkaConfig = z.infer<z.ZodObject<typeof kafkaVariables>>;

/** How the log is opened; the shape that kafkajs takes. */
export interface KafkaSettings {
  readonly brokers: string[];
  readonly ssl?: boolean | { ca?: string; cert?: string; key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly replication: number;
}

export function kafkaSettings(config: KafkaConfig): KafkaSettings {
  const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key } = config;
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = config;
  return {
    brokers: config.KAFKA_BROKERS,
    replication: config.TOPIC_REPLICATION,
    ...(config.KAFKA_TLS === 'true' && { ssl: ca || cert || key ? { ca, cert, key } : true }),
    ...(mechanism && { sasl: { mechanism, username: username ?? '', password: password ?? '' } }),
  };
}

/** Mistakes in the combination of variables. */
export function checkKafkaVariables(values: RawValues): string[] {
  const mistakes: string[] = [];
  if (values.KAFKA_SASL_MECHANISM !== undefined) {
    for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'])
      if (values[name] === undefined)
        mistakes.push(`${name} is not set, and is needed with KAFKA_SASL_MECHANISM`);
  } else if (values.KAFKA_SASL_USERNAME !== undefined || values.KAFKA_SASL_PASSWORD !== undefined)
    mistakes.push('KAFKA_SASL_MECHANISM is not set, and is needed with a user name or password');
  const shows = ['KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'].filter((name) => values[name] !== undefined);
  if (shows.length === 1) mistakes.push('KAFKA_TLS_CERT and KAFKA_TLS_KEY belong together: set both or none');
  return mistakes;
}
