/** Lowers the priority of processes that carry files, so that hubs, aggregators and the log come first on a shared machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Niceness, as `nice` counts it: a tenth of the share of an ordinary process while the processor is busy. */
export const NICENESS = 10;
/** The kernel takes one such change in 100 ms from all users together. */
const TRIES = 10;
const BETWEEN_TRIES_MS = 110;

/**
 * Lowers this process's priority. Linux shares cores between sessions first, and a priority counts only within a session: a process
 * that leads a session lowers the session's priority too. A process that a shell has started leaves the shell's session as it is. In a
 * container, or under systemd, a control group decides instead: see `cpu_shares` in docker-compose.yml.
 */
export async function giveWay(): Promise<void> {
  setPriority(NICENESS);
  if (!leadsSession()) return;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      writeFileSync('/proc/self/autogroup', String(NICENESS));
      return;
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      // On any other error this kernel does not share by sessions, and the priority alone counts.
      if (!isBusy) return;
    }
    await pause(BETWEEN_TRIES_MS);
  }
}

function leadsSession(): boolean {
  try {
    // The command's name, in brackets, may hold any character; after it come state, parent, group and session.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
    return Number(fields.split(' ')[3]) === process.pid;
  } catch {
    return false;
  }
}
