/** A real nginx with the configuration that compose gives it, on free ports instead of names. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identify, isRunning, killTree, type ProcessIdentity } from '../engines/process-table.mjs';
import { untilReady } from '../engines/until-ready.mjs';

const template = readFileSync(new URL('../../../nginx.conf.template', import.meta.url), 'utf8');
/** Of the main configuration that compose gives it: how many connections and files a worker may have. */
const bounds = readFileSync(new URL('../../../nginx.main.conf', import.meta.url), 'utf8').match(
  /^(?:worker_rlimit_nofile .*;|events \{[^}]*\})$/gm,
);
/** Milliseconds that a start may take on a busy machine. */
const START_TIMEOUT_MS = 30_000;

export interface ReverseProxyParts {
  /** Path of `nginx`. */
  readonly program: string;
  /** Its own; it must be there. */
  readonly directory: string;
  readonly port: number;
  readonly hubPorts: readonly number[];
  readonly jobsServicePorts: readonly number[];
  /** Default none: then its addresses are answered as in an outage. */
  readonly webhooksPorts?: readonly number[];
  /** As the services have them; default none. */
  readonly publicUrl?: string;
  readonly allowedHosts?: string;
  readonly onSpawn?: (identity: ProcessIdentity) => void;
}

export interface ReverseProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** The template as the image of nginx renders it. */
export function renderProxyConfiguration(variables: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (whole, name: string) => variables[name] ?? whole);
}

/** Resolves when it answers. */
export async function startReverseProxy(parts: ReverseProxyParts): Promise<ReverseProxy> {
  const { program, directory, port } = parts;
  const configuration = await writeConfiguration(parts);
  const child = spawn(program, ['-p', directory, '-c', configuration, '-e', join(directory, 'error.log')], {
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error(`nginx ended at once: ${await errorLog(directory)}`);
  parts.onSpawn?.(identity);
  const url = `http://127.0.0.1:${port}`;
  // Any answer counts: what stands behind may not be ready yet.
  const probe = async () => void (await fetch(url, { signal: AbortSignal.timeout(5_000) }));
  const { outcome } = await untilReady(probe, () => isRunning(identity), START_TIMEOUT_MS);
  if (outcome !== 'ready') throw new Error(`nginx does not answer: ${await errorLog(directory)}`);
  return { url, stop: () => killTree(identity) };
}

async function writeConfiguration(parts: ReverseProxyParts): Promise<string> {
  const { directory, port, hubPorts, jobsServicePorts, webhooksPorts = [] } = parts;
  // Where root starts it, its workers run as another user.
  await chmod(directory, 0o711);
  const temporary = join(directory, 'temporary');
  await mkdir(temporary, { recursive: true, mode: 0o711 });
  const servers = (ports: readonly number[], failures: string) =>
    ports.map((each) => `server 127.0.0.1:${each} ${failures};`).join(' ');
  const site = join(directory, 'site.conf');
  const rendered = renderProxyConfiguration({
    LISTEN: `127.0.0.1:${port}`,
    HUB_SERVERS: servers(hubPorts, 'max_fails=0'),
    JOBS_SERVERS: servers(jobsServicePorts, 'max_fails=5 fail_timeout=2s'),
    // nginx wants one server at least.
    WEBHOOKS_SERVERS: servers(webhooksPorts, 'max_fails=5 fail_timeout=2s') || 'server 127.0.0.1:9 down;',
    PUBLIC_URL: parts.publicUrl ?? '',
    ALLOWED_HOSTS: parts.allowedHosts ?? '',
  });
  await writeFile(site, rendered);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path "${temporary}/${name}";`,
  );
  const main = [
    'daemon off;',
    'worker_processes 1;',
    `pid "${directory}/nginx.pid";`,
    ...(bounds ?? []),
    `http { access_log off; ${paths.join(' ')} include "${site}"; }`,
  ];
  const configuration = join(directory, 'nginx.conf');
  await writeFile(configuration, `${main.join('\n')}\n`);
  return configuration;
}

async function errorLog(directory: string): Promise<string> {
  return readFile(join(directory, 'error.log'), 'utf8').catch(() => 'it has left no log');
}
