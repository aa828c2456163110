/** Redis: one process with an append-only file, so that acknowledged writes outlive a kill. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePorts } from './ports.ts';
import { ServerProcess, type SpawnListener, serverDirectory } from './server-process.ts';

/** Milliseconds after which a probe fails. */
const PROBE_TIMEOUT_MS = 2_000;

export class RedisServer extends ServerProcess {
  /** Makes a Redis on a free port. It is not started yet. */
  static async create(program: string, base: string, onSpawn: SpawnListener): Promise<RedisServer> {
    const directory = serverDirectory(base, 'redis');
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    const [port] = await findFreePorts(1);
    // A Redis without a password lets every user of the machine write files as this user.
    const password = randomBytes(12).toString('hex');
    const configuration = join(directory, 'redis.conf');
    await writeFile(configuration, redisConfiguration(port ?? 0, password, directory), { mode: 0o600 });
    const url = `redis://:${password}@127.0.0.1:${port}`;
    return new RedisServer(
      {
        name: 'redis',
        url,
        command: program,
        arguments: [configuration],
        directory,
        probe: () => probeRedis(url),
      },
      onSpawn,
    );
  }
}

function redisConfiguration(port: number, password: string, directory: string): string {
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `dir "${directory}"`,
    'appendonly yes',
    // The file is written before each reply, so that only a crash of the whole machine loses what was acknowledged. By `everysec` Redis
    // keeps writes back for two seconds while the disk is busy, and a kill loses them.
    'appendfsync no',
    'save ""',
    'daemonize no',
    '',
  ].join('\n');
}

async function probeRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PROBE_TIMEOUT_MS,
    commandTimeout: PROBE_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
