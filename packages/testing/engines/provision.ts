/** Finds the programs of the engines, and installs missing ones on systems where it can. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand, type SystemUser } from './commands.ts';
import { EnginesError } from './errors.ts';
import type { KafkaPrograms, KafkaVersion } from './kafka.ts';
import { fetchKafkaJars, hasKafkaJars } from './kafka-jars.ts';
import type { PostgresPrograms } from './postgres.ts';

export interface Needs {
  readonly kafka: KafkaVersion | undefined;
  readonly redis: boolean;
  readonly postgres: boolean;
  readonly nginx?: boolean;
  readonly openssl?: boolean;
  readonly python?: boolean;
}

export interface Programs {
  readonly kafka: KafkaPrograms | undefined;
  /** Path of `redis-server`. */
  readonly redis: string | undefined;
  readonly postgres: PostgresPrograms | undefined;
  /** Path of `nginx`. */
  readonly nginx: string | undefined;
  /** Path of `openssl`. */
  readonly openssl: string | undefined;
  /** Path of `python3`, which can make environments of its own. */
  readonly python: string | undefined;
}

interface Requirement {
  readonly title: string;
  readonly debianPackage: string;
  readonly find: () => string | undefined;
}

const java: Requirement = {
  title: 'Java 17 or newer',
  debianPackage: 'default-jre-headless',
  find: findJava,
};
const maven: Requirement = {
  title: 'Maven (mvn)',
  debianPackage: 'maven',
  find: () => findProgram('mvn'),
};
const redis: Requirement = {
  title: 'Redis (redis-server)',
  debianPackage: 'redis-server',
  find: () => findProgram('redis-server'),
};
const postgres: Requirement = {
  title: 'PostgreSQL (initdb, postgres)',
  debianPackage: 'postgresql',
  find: findPostgres,
};
const nginx: Requirement = {
  title: 'nginx',
  debianPackage: 'nginx',
  find: findNginx,
};
const openssl: Requirement = {
  title: 'OpenSSL (openssl)',
  debianPackage: 'openssl',
  find: () => findProgram('openssl'),
};
const python: Requirement = {
  title: 'Python 3 with venv (python3)',
  debianPackage: 'python3-venv',
  find: () => (succeeds(['python3', '-c', 'import ensurepip']) ? findProgram('python3') : undefined),
};

/**
 * @param report gets lines of progress
 * @throws EnginesError `not_installed`, which names every missing program and how to get it
 */
export async function provision(needs: Needs, report: (line: string) => void): Promise<Programs> {
  await installMissing(requirementsOf(needs), report);
  return {
    kafka: needs.kafka && {
      version: needs.kafka,
      java: found(java),
      jars: await fetchKafkaJars(needs.kafka, report),
    },
    redis: needs.redis ? found(redis) : undefined,
    postgres: needs.postgres ? { binaries: found(postgres), user: postgresUser() } : undefined,
    nginx: needs.nginx ? found(nginx) : undefined,
    openssl: needs.openssl ? found(openssl) : undefined,
    python: needs.python ? found(python) : undefined,
  };
}

function requirementsOf(needs: Needs): Requirement[] {
  const requirements: Requirement[] = [];
  if (needs.kafka !== undefined) requirements.push(java);
  if (needs.kafka !== undefined && !hasKafkaJars(needs.kafka)) requirements.push(maven);
  if (needs.redis) requirements.push(redis);
  if (needs.postgres) requirements.push(postgres);
  if (needs.nginx) requirements.push(nginx);
  if (needs.openssl) requirements.push(openssl);
  if (needs.python) requirements.push(python);
  return requirements;
}

async function installMissing(
  requirements: readonly Requirement[],
  report: (line: string) => void,
): Promise<void> {
  const missing = requirements.filter((requirement) => requirement.find() === undefined);
  if (missing.length === 0) return;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const packages = missing.map((requirement) => requirement.debianPackage);
  if (findProgram('apt-get') === undefined || !succeeds([...prefix, 'true'])) throw notInstalled(missing);
  report(`installing ${packages.join(', ')} (once) …`);
  // Another process may be installing too: apt waits for it instead of failing.
  const apt = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
  for (const words of [
    [...prefix, ...apt, 'update'],
    [
      ...prefix,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      ...apt,
      'install',
      '-y',
      '--no-install-recommends',
      ...packages,
    ],
  ]) {
    const [command = '', ...rest] = words;
    await runCommand(command, rest);
  }
  const stillMissing = missing.filter((requirement) => requirement.find() === undefined);
  if (stillMissing.length > 0) throw notInstalled(stillMissing);
}

function notInstalled(missing: readonly Requirement[]): EnginesError {
  const packages = missing.map((requirement) => requirement.debianPackage).join(' ');
  return new EnginesError(
    'not_installed',
    [
      'Install these first, and have their programs in PATH:',
      ...missing.map((requirement) => `  ${requirement.title}`),
      `On Debian and Ubuntu: sudo apt-get install --no-install-recommends ${packages}`,
    ].join('\n'),
  );
}

function found(requirement: Requirement): string {
  const path = requirement.find();
  if (path === undefined) throw notInstalled([requirement]);
  return path;
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));
}

function findJava(): string | undefined {
  const home = process.env.JAVA_HOME;
  const candidates = [home ? join(home, 'bin', 'java') : undefined, findProgram('java')];
  return candidates.find((path) => path !== undefined && existsSync(path) && javaMajor(path) >= 17);
}

function javaMajor(path: string): number {
  const { stderr } = spawnSync(path, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

/** Debian keeps the program out of the PATH of users. */
function findNginx(): string | undefined {
  return findProgram('nginx') ?? ['/usr/sbin/nginx'].find((path) => existsSync(path));
}

/** Debian installs PostgreSQL's programs outside of PATH, in a folder for each version; the newest is used. */
function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number).filter(Number.isFinite) : [];
  const folders = versions.sort((a, b) => b - a).map((version) => join(debian, String(version), 'bin'));
  const inPath = findProgram('initdb');
  if (inPath !== undefined) folders.push(join(inPath, '..'));
  return folders.find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')));
}

function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((option) => {
    const { status, stdout } = spawnSync('id', [option, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  });
  if (uid === undefined || gid === undefined)
    throw new EnginesError(
      'not_installed',
      'PostgreSQL refuses to be run by root, and there is no user `postgres` to run it as: make one.',
    );
  return { uid, gid };
}

function succeeds([command = '', ...rest]: readonly string[]): boolean {
  return spawnSync(command, rest, { stdio: 'ignore' }).status === 0;
}
