/**
 * The proof: users upload, edit and delete while processes are killed and stopped and networks break, all by the numbers of a seed. Then everything
 * heals, and what is there is compared with what must be there.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Findings } from './findings.ts';
import { Progress, type Screen } from './progress.ts';
import { ProofRun } from './proof-run.ts';
import { startDistributedSystem } from './systems/distributed-system.ts';
import { startEmbeddedSystem } from './systems/embedded-system.ts';
import type { ProvedSystem } from './systems/proved-system.ts';

export const provedEngines = ['embedded', 'distributed'] as const;
export type ProvedEngines = (typeof provedEngines)[number];

export interface ProofOptions {
  readonly engines: ProvedEngines;
  /** Of uploads and faults; start, healing and checks come on top. */
  readonly minutes: number;
  readonly seed: number;
  readonly screen: Screen;
  /** Ends the proof: it rejects with the signal's reason, and leaves nothing. */
  readonly signal: AbortSignal;
}

export interface Proof {
  readonly findings: Findings;
  readonly progress: Progress;
  readonly contacts: number;
  readonly notifications: number;
  /** Where data, logs and journal of a proof that does not hold are kept; null after one that holds. */
  readonly folder: string | null;
}

export async function prove(options: ProofOptions): Promise<Proof> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-prove-'));
  // Where root runs the proof, PostgreSQL runs as another user, who must pass through this folder to its own.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const progress = new Progress(options.screen, join(folder, 'journal.log'));
  const findings = new Findings();
  let [contacts, notifications] = [0, 0];
  let keepData = false;
  progress.begin();
  try {
    const userJwtSecret = randomBytes(32).toString('base64url');
    const system = await start(options, folder, userJwtSecret, progress);
    try {
      const run = new ProofRun({ ...options, system, userJwtSecret, findings, progress });
      ({ contacts, notifications } = await run.run());
    } catch (error) {
      options.signal.throwIfAborted();
      findings.wrong(
        `the proof could not be brought to its end: ${error instanceof Error ? error.stack : error}`,
      );
    } finally {
      keepData = !findings.none && !options.signal.aborted;
      await system.stop({ keepData });
    }
  } finally {
    progress.end();
    if (!keepData) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return { findings, progress, contacts, notifications, folder: keepData ? folder : null };
}

async function start(
  { engines }: ProofOptions,
  folder: string,
  userJwtSecret: string,
  progress: Progress,
): Promise<ProvedSystem> {
  progress.phase(`starting Tidings on ${engines} engines`);
  // Several owners sign in, so that their contacts with the same addresses have nothing in common.
  const environment = { USER_JWT_SECRET: userJwtSecret, LOG_LEVEL: 'info', SHUTDOWN_TIMEOUT_MS: '5000' };
  if (engines === 'embedded') return startEmbeddedSystem(folder, environment);
  return startDistributedSystem(folder, environment, (line) => progress.note(line));
}
