/** `npm start`: reads the settings, checks what a start needs, runs everything in this process, and stops it again. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { topics } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError } from '@tidings/event-log/event-log.ts';
import { checkSharedSecrets, tokenSettings } from '@tidings/service-kit/config/auth-variables.ts';
import { ConfigError } from '@tidings/service-kit/config/config.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { ListenError, listen } from '@tidings/service-kit/http/http-server.ts';
import { createLogger } from '@tidings/service-kit/process/logging.ts';
import closeWithGrace from 'close-with-grace';
import { openLog, startAllInOne } from './app.ts';
import { type AllInOneConfig, partitionsByCores, readAllInOneConfig } from './config.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { loadSecrets } from './secrets.ts';

const webClientDirectory = fileURLToPath(new URL('../web-client/dist', import.meta.url));
const startedAt = Date.now();
/** Of the time given for stopping, what running requests get; the rest is for what is in hand behind them. */
const DRAIN_SHARE = 0.3;

// All that is kept, and every file that an engine makes, is for its owner alone.
process.umask(0o077);
await main();

async function main(): Promise<void> {
  const mistakes: string[] = [];
  const config = readSettings(mistakes);
  const directory = resolve(config?.DATA_DIR ?? (process.env.DATA_DIR || 'data'));
  const logger = createLogger('tidings', config?.LOG_LEVEL ?? 'info');
  if (config !== null) await checkPorts(config, mistakes);
  const log = await openDirectory(directory, logger, mistakes);
  const partitions = await findPartitions(log, config?.TOPIC_PARTITIONS, mistakes);
  if (config === null || log === null || mistakes.length > 0) return refuse(log, mistakes);

  const secrets = await loadSecrets(directory, {
    authSecret: config.AUTH_SECRET?.[0],
    supportToken: config.SUPPORT_TOKEN,
  });
  const auth = {
    ...config,
    AUTH_SECRET: config.AUTH_SECRET ?? ([secrets.authSecret] as [string]),
    SUPPORT_TOKEN: secrets.supportToken,
  };
  // One that was given may equal one that is kept.
  const shared = checkSharedSecrets({ ...auth, AUTH_SECRET: auth.AUTH_SECRET.join() });
  if (shared.length > 0) return refuse(log, shared);
  const app = await startAllInOne({
    directory,
    log,
    logger,
    logLevel: config.LOG_LEVEL,
    tokens: tokenSettings(auth),
    site: siteOf(config),
    isHealthApart: config.HEALTH_PORT !== undefined,
    partitions,
    uploadMaxBytes: config.UPLOAD_MAX_BYTES,
    trustedProxies: config.TRUST_PROXY,
    webClientDirectory,
    drainMs: config.SHUTDOWN_TIMEOUT_MS * DRAIN_SHARE,
  });
  closeWithGrace({ delay: config.SHUTDOWN_TIMEOUT_MS, logger }, async ({ signal }) => {
    if (signal !== undefined) console.log('tidings: finishing what is in hand …');
    await app.stop();
  });
  if (app.healthServer !== null)
    await listen(app.healthServer, config.HEALTH_PORT ?? 0, config.HOST, 'HEALTH_PORT');
  const port = await listen(app.server, config.PORT, config.HOST);
  announce(config, port, secrets.supportToken);
}

async function refuse(log: EventLog | null, mistakes: readonly string[]): Promise<never> {
  await log?.close();
  for (const mistake of mistakes) console.error(`tidings: ${mistake}`);
  process.exit(1);
}

function readSettings(mistakes: string[]): AllInOneConfig | null {
  try {
    return readAllInOneConfig(process.env);
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
    await listen(probe as Parameters<typeof listen>[0], port, host, variable);
    probe.close();
    await once(probe, 'close');
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    mistakes.push(error.message);
  }
}

/** Opens the log first: its lock is what keeps a second process out of the folder. */
async function openDirectory(
  directory: string,
  logger: Parameters<typeof openLog>[1],
  mistakes: string[],
): Promise<EventLog | null> {
  try {
    await prepareDataDirectory(directory);
    return await openLog(directory, logger);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    mistakes.push(
      code === 'log_in_use'
        ? `DATA_DIR ${directory} is used by another Tidings: stop it, or set DATA_DIR to another folder`
        : `DATA_DIR ${directory} cannot be used: ${message}`,
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

/** A token that was given is known, and may not be meant for whoever reads this. */
function announce({ HOST, PUBLIC_URL, SUPPORT_TOKEN }: AllInOneConfig, port: number, kept: string): void {
  const host = HOST.includes(':') ? `[${HOST}]` : HOST;
  const base = PUBLIC_URL?.replace(/\/$/, '') ?? `http://${host}:${port}`;
  console.log(`
Tidings is ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s).

  Import contacts   ${base}/
  Support           ${base}/support#token=${SUPPORT_TOKEN === undefined ? kept : '$SUPPORT_TOKEN'}

Press Ctrl-C to stop; what is in hand is finished first.
`);
}
