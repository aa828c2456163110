/** PostgreSQL: a new cluster with one database, over TCP on 127.0.0.1 with a password, as durable as in production. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { runCommand, type SystemUser } from './commands.ts';
import { findFreePorts } from './ports.ts';
import { ServerProcess, type SpawnListener, serverDirectory } from './server-process.ts';

const PROBE_TIMEOUT_MS = 2_000;
const NAME = 'tidings';

export interface PostgresPrograms {
  /** Folder of `initdb` and `postgres`. */
  readonly binaries: string;
  /** The user that runs PostgreSQL where this process is root: PostgreSQL refuses to run as root. */
  readonly user: SystemUser | undefined;
}

export class PostgresServer extends ServerProcess {
  /** Makes a cluster on a free port. It is not started yet. */
  static async create(
    { binaries, user }: PostgresPrograms,
    base: string,
    onSpawn: SpawnListener,
  ): Promise<PostgresServer> {
    const directory = serverDirectory(base, 'postgres');
    const data = join(directory, 'data');
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    if (user !== undefined) await chown(directory, user.uid, user.gid);
    const password = randomBytes(12).toString('hex');
    await initialise({ binaries, user }, directory, data, password);
    const [port] = await findFreePorts(1);
    const url = `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;
    return new PostgresServer(
      {
        name: 'postgres',
        url,
        command: join(binaries, 'postgres'),
        arguments: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-c', 'unix_socket_directories='],
        directory,
        user,
        probe: () => probePostgres(url),
      },
      onSpawn,
    );
  }
}

async function initialise(
  { binaries, user }: PostgresPrograms,
  directory: string,
  data: string,
  password: string,
): Promise<void> {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid);
  const settings = ['-U', NAME, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await runCommand(join(binaries, 'initdb'), ['-D', data, ...settings, `--pwfile=${passwordFile}`], {
    user,
    cwd: directory,
  });
  await rm(passwordFile);
}

/** Makes the database of a new cluster. */
async function probePostgres(url: string): Promise<void> {
  try {
    await query(url, 'SELECT 1');
  } catch (error) {
    const INVALID_CATALOG_NAME = '3D000';
    if (!(error instanceof Error && 'code' in error && error.code === INVALID_CATALOG_NAME)) throw error;
    const maintenance = new URL(url);
    maintenance.pathname = '/postgres';
    await query(maintenance.href, `CREATE DATABASE ${NAME}`);
    await query(url, 'SELECT 1');
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    // Not awaited, because a paused engine never answers.
    void client.end().catch(() => undefined);
  }
}
