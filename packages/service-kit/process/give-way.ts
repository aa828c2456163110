/** What carries files gives way to what people wait for, where all share a machine: a hub, an aggregator, the log. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** As `nice` counts: a tenth of the share that an ordinary process gets, while there is not enough for all. */
export const NICENESS = 10;
/** The kernel takes one such change in 100 ms from all users together. */
const TRIES = 10;
const BETWEEN_TRIES_MS = 110;

/**
 * Lowers this process's priority. On Linux, cores are shared between sessions first, and a priority counts only within one: a process
 * that leads a session lowers that too. One that a shell has started leaves the shell's session as it is. In a container, or under
 * systemd, a control group decides instead: see `cpu_shares` in docker-compose.yml.
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
      // Anything else: this kernel does not share by sessions, and the priority alone counts.
      if (!isBusy) return;
    }
    await pause(BETWEEN_TRIES_MS);
  }
}

function leadsSession(): boolean {
  try {
    // The command's name, in brackets, may hold anything; behind it: state, parent, group, session.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
    return Number(fields.split(' ')[3]) === process.pid;
  } catch {
    return false;
  }
}
