/** `npm run engines -- up | down | status`: the engines of a developer, which run until they are taken down. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EnginesError } from './errors.ts';
import { type KafkaVersion, kafkaVersions } from './kafka.ts';
import { shareKafkaClasses } from './kafka-classes.ts';
import { cacheDirectory } from './kafka-jars.ts';
import { isRunning } from './process-table.mjs';
import { provision } from './provision.ts';
import { stopSignals, stopTree } from './server-process.ts';
import { startEngines } from './start-engines.ts';
import { type EnginesState, StateFile } from './state.ts';

const usage = `npm run engines -- up [--kafka ${kafkaVersions.join('|')}]   start Kafka, Redis and PostgreSQL, print their addresses
npm run engines -- down                      stop them, remove their data
npm run engines -- status                    what runs; exit code 0 when all do, 3 when not
npm run engines -- provision [--kafka …]     install and fetch what is missing, start nothing

  --state DIRECTORY   keep what is known of them there instead of in the user's cache folder`;
const commands = ['up', 'down', 'status', 'provision'] as const;
/** The exit code of init scripts for a program that does not run. */
const NOT_RUNNING = 3;

type Print = (line: string) => void;

/**
 * @param words of the command line, without the program
 * @returns the exit code
 */
export async function runCli(words: readonly string[], print: Print): Promise<number> {
  try {
    const { command, kafkaVersion, stateDirectory } = parseWords(words);
    const file = new StateFile(stateDirectory);
    if (command === 'status') return await status(file, print);
    if (command === 'provision') return await provisionAll(kafkaVersion, print);
    return await file.exclusively(() =>
      command === 'up' ? up(file, kafkaVersion, print) : down(file, print),
    );
  } catch (error) {
    if (!(error instanceof EnginesError)) throw error;
    print(error.message);
    return error.code === 'usage' ? 2 : 1;
  }
}

function parseWords(words: readonly string[]) {
  const { values, positionals } = parseOptions(words);
  const [command, ...surplus] = positionals;
  const kafkaVersion = kafkaVersions.find((version) => version === values.kafka);
  if (!isCommand(command) || surplus.length > 0 || kafkaVersion === undefined)
    throw new EnginesError('usage', usage);
  return { command, kafkaVersion, stateDirectory: values.state };
}

function isCommand(word: string | undefined): word is (typeof commands)[number] {
  return commands.some((command) => command === word);
}

function parseOptions(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        kafka: { type: 'string', default: kafkaVersions[0] },
        state: { type: 'string', default: defaultStateDirectory() },
      },
    });
  } catch (error) {
    throw new EnginesError('usage', `${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

/** One folder for each checkout, so that one checkout does not stop the engines of another. */
function defaultStateDirectory(): string {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8);
  return join(cacheDirectory(), `${basename(root)}-${checkout}`);
}

async function provisionAll(kafka: KafkaVersion, print: Print): Promise<number> {
  await provision({ kafka, redis: true, postgres: true, nginx: true }, print);
  await shareKafkaClasses(kafka, print);
  print(`Kafka ${kafka}, Redis, PostgreSQL and nginx are there.`);
  return 0;
}

async function up(file: StateFile, kafkaVersion: KafkaVersion, print: Print): Promise<number> {
  const before = await file.read();
  if (before !== undefined) {
    if (isComplete(before)) return alreadyUp(before, kafkaVersion, print);
    print('Servers of an earlier start are left over: cleaning up.');
    await takeDown(before, file, print);
  }
  let state: EnginesState = { version: 1, directory: '', kafkaVersion, servers: [], environment: {} };
  // Written at every step, so that what a killed process leaves behind can be found.
  let written = Promise.resolve();
  const change = (part: Partial<EnginesState>) => {
    state = { ...state, ...part };
    const current = state;
    // One write after another: the engines start at once, and an older state must not replace a newer one.
    written = written.then(() => file.write(current));
    return written;
  };
  try {
    const engines = await startEngines({
      kafka: kafkaVersion,
      redis: true,
      postgres: true,
      onProgress: print,
      onDirectory: (directory) => change({ directory }),
      onSpawn: (name, identity) => {
        const others = state.servers.filter((server) => server.name !== name);
        return change({ servers: [...others, { name, ...identity }] });
      },
    });
    await change({ environment: engines.environment });
    await engines.release();
  } catch (error) {
    await file.remove();
    throw error;
  }
  printAddresses(state, print);
  return 0;
}

function alreadyUp(state: EnginesState, kafkaVersion: KafkaVersion, print: Print): number {
  if (state.kafkaVersion !== kafkaVersion) {
    print(`Up with Kafka ${state.kafkaVersion}: run \`npm run engines -- down\` first.`);
    return 1;
  }
  print('Already up.');
  printAddresses(state, print);
  return 0;
}

async function down(file: StateFile, print: Print): Promise<number> {
  const state = await file.read();
  if (state === undefined) print('Nothing is up.');
  else await takeDown(state, file, print);
  return 0;
}

async function takeDown(state: EnginesState, file: StateFile, print: Print): Promise<void> {
  await Promise.all(
    state.servers.map(async (server) => {
      if (!isRunning(server)) return print(`${server.name} was not running any more`);
      await stopTree(server, stopSignals[server.name]);
      print(`${server.name} stopped`);
    }),
  );
  await rm(state.directory, { recursive: true, force: true, maxRetries: 5 });
  await file.remove();
  print('Their data are removed.');
}

async function status(file: StateFile, print: Print): Promise<number> {
  const state = await file.read();
  if (state === undefined) {
    print('Nothing is up.');
    return NOT_RUNNING;
  }
  for (const server of state.servers)
    print(`${server.name.padEnd(8)} ${isRunning(server) ? `runs (process ${server.pid})` : 'does not run'}`);
  if (!isComplete(state)) {
    print('Not all are up: `npm run engines -- up` cleans up and starts them again.');
    return NOT_RUNNING;
  }
  printAddresses(state, print);
  return 0;
}

function isComplete(state: EnginesState): boolean {
  return Object.keys(state.environment).length > 0 && state.servers.every(isRunning);
}

function printAddresses(state: EnginesState, print: Print): void {
  print('');
  for (const [name, value] of Object.entries(state.environment)) print(`export ${name}='${value}'`);
  print('');
  print(`Kafka ${state.kafkaVersion}; logs and data in ${state.directory}`);
}
