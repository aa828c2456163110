/** A process that carries files gives way to those that people wait for, where all share a machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';

/** As `nice` counts: a tenth of the share of an ordinary process, while there is not enough for all. */
export const NICENESS = 10;
/** The kernel takes one change of a session's priority in 100 ms, from all users together. */
const retry = { attempts: 10, firstMs: 110, longestMs: 110 };

/**
 * Lowers the priority of this process, and of the session that it leads. In a container, or under systemd, a control group
 * decides instead: see `cpu_shares` in docker-compose.yml.
 */
export async function giveWay(): Promise<void> {
  setPriority(NICENESS);
  await lowerSession('/proc/self', process.pid);
}

/**
 * On Linux, cores are shared between sessions first, and a priority counts within its session only. A session that another process
 * leads, such as a shell's, stays as it is.
 *
 * @param folder of the process in /proc; a kernel that does not share by sessions has no `autogroup` there
 */
export async function lowerSession(folder: string, pid: number): Promise<void> {
  if (sessionOf(folder) !== pid) return;
  const isBusy = (error: unknown) => codeOf(error) === 'EAGAIN';
  const lower = async () => writeFileSync(join(folder, 'autogroup'), String(NICENESS), { flag: 'r+' });
  // Any other error: this kernel does not share by sessions, and the priority alone counts.
  await retryUntil(lower, { ...retry, retriable: isBusy }).catch(() => undefined);
}

/** The process that leads the session; null on systems that do not tell. */
function sessionOf(folder: string): number | null {
  try {
    // The command's name, in brackets, may hold anything; behind it stand state, parent, group and session.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync(join(folder, 'stat'), 'utf8')) ?? [];
    return Number(fields.split(' ')[3]);
  } catch {
    return null;
  }
}
