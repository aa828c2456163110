// Lists running processes. A start time tells a process from a later one with the same id. Plain JavaScript, because the watchdog uses it too.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { untilReady } from './until-ready.mjs';

/** @typedef {{ readonly pid: number, readonly startTime: string }} ProcessIdentity */
/** @typedef {ProcessIdentity & { readonly parent: number }} ProcessRow */

/**
 * The running processes, without those that have ended and that their parent has not collected yet.
 * @returns {ProcessRow[]}
 */
export function listProcesses() {
  return existsSync('/proc/self/stat') ? listFromProc() : listFromPs();
}

/** @returns {ProcessRow[]} */
export function listFromProc() {
  const rows = [];
  for (const name of readdirSync('/proc')) {
    const row = /^\d+$/.test(name) ? readFromProc(Number(name)) : undefined;
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** @returns {ProcessRow[]} */
export function listFromPs() {
  return readFromPs(['-ax']);
}

/**
 * The process that has this id now; undefined where there is none.
 * @param {number} pid
 * @returns {ProcessIdentity | undefined}
 */
export function identify(pid) {
  const row = existsSync('/proc/self/stat') ? readFromProc(pid) : readFromPs(['-p', String(pid)])[0];
  return row && { pid: row.pid, startTime: row.startTime };
}

/**
 * Whether the process still runs; false where another process has its id now.
 * @param {ProcessIdentity} identity
 */
export function isRunning(identity) {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/**
 * Sends a signal, unless the process has ended. Returns whether it was running.
 * @param {ProcessIdentity} identity
 * @param {NodeJS.Signals} signal
 */
export function signalProcess(identity, signal) {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * The process and all running processes below it.
 * @param {ProcessIdentity} root
 * @returns {ProcessIdentity[]} parents before their children
 */
export function processTree(root) {
  if (!isRunning(root)) return [];
  const rows = listProcesses();
  const tree = [root];
  for (const { pid } of tree)
    for (const row of rows) if (row.parent === pid) tree.push({ pid: row.pid, startTime: row.startTime });
  return tree;
}

/**
 * Pauses the process and all processes below it. PostgreSQL puts its children into sessions of their own, so
 * a signal to the process group would not reach them.
 * @param {ProcessIdentity} root
 * @returns {ProcessIdentity[]} the paused processes, parents first
 */
export function freezeTree(root) {
  const frozen = new Map();
  // A child may start between the list and the signal, so the list is read until it has no new child.
  for (let found = true; found; ) {
    found = false;
    for (const member of processTree(root)) {
      if (frozen.has(member.pid) || !signalProcess(member, 'SIGSTOP')) continue;
      frozen.set(member.pid, member);
      found = true;
    }
  }
  return [...frozen.values()];
}

/**
 * Resumes the process and all processes below it, children first.
 * @param {ProcessIdentity} root
 */
export function thawTree(root) {
  for (const member of processTree(root).reverse()) signalProcess(member, 'SIGCONT');
}

/**
 * Kills the process and all processes below it; resolves when they have ended.
 * @param {ProcessIdentity} root
 */
export async function killTree(root) {
  const tree = freezeTree(root);
  for (const member of tree) signalProcess(member, 'SIGKILL');
  await waitUntilGone(tree, Number.POSITIVE_INFINITY);
}

/**
 * @param {readonly ProcessIdentity[]} identities
 * @param {number} timeoutMs
 * @returns {Promise<boolean>} false when the time was up first
 */
export async function waitUntilGone(identities, timeoutMs) {
  const probe = () => {
    if (identities.some(isRunning)) throw new Error('a process still runs');
  };
  const { outcome } = await untilReady(probe, () => true, timeoutMs);
  return outcome === 'ready';
}

/**
 * Field 3 is the state, 4 the parent, 22 the start in ticks since boot; field 2, the name, may hold blanks and brackets.
 * @param {number} pid
 * @returns {ProcessRow | undefined}
 */
function readFromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, parent: Number(parent), startTime: `${bootId()} ${fields[19]}` };
  } catch {
    return undefined;
  }
}

/**
 * @param {readonly string[]} selection arguments of `ps`
 * @returns {ProcessRow[]}
 */
function readFromPs(selection) {
  const { stdout } = spawnSync('ps', [...selection, '-o', 'pid=,ppid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const rows = [];
  for (const line of (stdout ?? '').split('\n')) {
    const [, pid, parent, state = '', startTime = ''] =
      /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined || state.startsWith('Z')) continue;
    rows.push({ pid: Number(pid), parent: Number(parent), startTime });
  }
  return rows;
}

/** @type {string | undefined} */
let knownBootId;
/** The id of the boot: ticks count from boot, so the same id and ticks may come again after the next boot. */
function bootId() {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return knownBootId;
}
