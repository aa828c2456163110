/** Reads and opens what a start needs: settings, data folder, log and secrets. Finds every mistake at once. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { type EventLog, EventLogError } from '@tidings/event-log/event-log.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import { checkSharedSecrets } from '@tidings/service-kit/config/auth-variables.ts';
import { ConfigError, type Environment } from '@tidings/service-kit/config/config.ts';
import { ListenError, listen } from '@tidings/service-kit/http/http-server.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import { isOfClosedPort } from '@tidings/service-kit/threads/message-port-proxy.ts';
import { type AllInOneConfig, partitionsByCores, readAllInOneConfig } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { loadSecrets } from './secrets.ts';

export interface PreparedStart extends AllInOneConfig {
  /** The folder of everything that is kept. */
  readonly directory: string;
  /** The open log, whose lock keeps other processes out of the folder. */
  readonly log: EventLog;
  /** Partitions of every topic. */
  readonly TOPIC_PARTITIONS: number;
  readonly AUTH_SECRET: [string, ...string[]];
  readonly SUPPORT_TOKEN: string;
  readonly PUBLISH_API_KEY: string;
  /** Whether the environment gave the secret; else it was made here, and is kept in the folder. */
  readonly isSupportTokenGiven: boolean;
  readonly isApiKeyGiven: boolean;
}

/** @throws ConfigError with every mistake; nothing is left open then */
export async function prepareStart(environment: Environment): Promise<PreparedStart> {
  const mistakes: string[] = [];
  const config = readSettings(environment, mistakes);
  const directory = resolve(config?.DATA_DIR ?? (environment.DATA_DIR || 'data'));
  if (config !== null) await checkPorts(config, mistakes);
  const log = await openDirectory(directory, config?.LOG_LEVEL ?? 'info', mistakes);
  const partitions = await findPartitions(log, config?.TOPIC_PARTITIONS, mistakes);
  if (config === null || log === null || mistakes.length > 0) return refuse(log, mistakes);
  const secrets = await loadSecrets(directory, {
    authSecret: config.AUTH_SECRET?.[0],
    supportToken: config.SUPPORT_TOKEN,
    publishApiKey: config.PUBLISH_API_KEY,
  });
  const access = {
    AUTH_SECRET: config.AUTH_SECRET ?? ([secrets.authSecret] as [string]),
    SUPPORT_TOKEN: secrets.supportToken,
    PUBLISH_API_KEY: secrets.publishApiKey,
  };
  // A secret that was given may equal one that is kept.
  const shared = checkSharedSecrets({
    USER_JWT_SECRET: config.USER_JWT_SECRET,
    ...access,
    AUTH_SECRET: access.AUTH_SECRET.join(),
  });
  if (shared.length > 0) return refuse(log, shared);
  const isSupportTokenGiven = config.SUPPORT_TOKEN !== undefined;
  const isApiKeyGiven = config.PUBLISH_API_KEY !== undefined;
  const given = { isSupportTokenGiven, isApiKeyGiven };
  return { ...config, ...access, ...given, directory, log, TOPIC_PARTITIONS: partitions };
}

async function refuse(log: EventLog | null, mistakes: readonly string[]): Promise<never> {
  await log?.close();
  throw new ConfigError(mistakes);
}

function readSettings(environment: Environment, mistakes: string[]): AllInOneConfig | null {
  try {
    return readAllInOneConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(...error.mistakes);
    return null;
  }
}

/** Looks whether the ports are free before anything is opened, so that every mistake is told at once. */
async function checkPorts({ PORT, HEALTH_PORT, HOST }: AllInOneConfig, mistakes: string[]): Promise<void> {
  if (HEALTH_PORT !== undefined && HEALTH_PORT !== 0 && HEALTH_PORT === PORT)
    return void mistakes.push(`HEALTH_PORT and PORT are both ${PORT}: set one of them to another port`);
  await checkPort(PORT, HOST, 'PORT', mistakes);
  if (HEALTH_PORT !== undefined) await checkPort(HEALTH_PORT, HOST, 'HEALTH_PORT', mistakes);
}

async function checkPort(port: number, host: string, variable: string, mistakes: string[]): Promise<void> {
  const probe = createServer();
  try {
    await listen(probe, port, host, variable);
    probe.close();
    await once(probe, 'close');
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    mistakes.push(error.message);
  }
}

/** Opens the log first: its lock keeps a second process out of the folder. */
async function openDirectory(
  directory: string,
  logLevel: AllInOneConfig['LOG_LEVEL'],
  mistakes: string[],
): Promise<EventLog | null> {
  try {
    await prepareDataDirectory(directory);
    return await openEmbeddedLog({
      hasCallerEnded: isOfClosedPort,
      directory: join(directory, 'log'),
      logger: createLogger('tidings', logLevel),
    });
  } catch (error) {
    mistakes.push(
      codeOf(error) === 'log_in_use'
        ? `DATA_DIR ${directory} is used by another Tidings: stop it, or set DATA_DIR to another folder`
        : `DATA_DIR ${directory} cannot be used: ${error instanceof Error ? error.message : error}`,
    );
    return null;
  }
}

/** Topics keep the number that they were made with, also where the data have moved to a machine of other cores. */
async function findPartitions(
  log: EventLog | null,
  asked: number | undefined,
  mistakes: string[],
): Promise<number> {
  const made = await partitionsMade(log);
  if (made !== null && asked !== undefined && asked !== made)
    mistakes.push(
      `TOPIC_PARTITIONS is ${asked}, but the topics in DATA_DIR were made with ${made}: leave it out, or set it to ${made}`,
    );
  return made ?? asked ?? partitionsByCores();
}

/** null before the first start. */
async function partitionsMade(log: EventLog | null): Promise<number | null> {
  try {
    return (await log?.describeTopic(topics.commands))?.partitions ?? null;
  } catch (error) {
    if (error instanceof EventLogError && error.code === 'topic_unknown') return null;
    throw error;
  }
}
