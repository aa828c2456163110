// Which processes run, told apart from later ones with the same id by when they began. Plain JavaScript, since the watchdog needs it too.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

/** @typedef {{ readonly pid: number, readonly startTime: string }} ProcessIdentity */
/** @typedef {ProcessIdentity & { readonly parent: number }} ProcessRow */

/**
 * The running processes; those that have ended but are not yet collected by their parent do not count.
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
 * Whether it still runs; false when another process has its id by now.
 * @param {ProcessIdentity} identity
 */
export function isRunning(identity) {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/**
 * Sends a signal, unless the process has gone. Returns whether it was there.
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
 * The process and all below it that run.
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
 * Stops the process and all below it where they are. PostgreSQL puts its children into sessions of their own, so
 * a signal to the process group would not reach them.
 * @param {ProcessIdentity} root
 * @returns {ProcessIdentity[]} what was stopped, parents first
 */
export function freezeTree(root) {
  const frozen = new Map();
  // A child may be born between the list and the signal: look again until there is none that is new.
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
 * Lets the process and all below it go on, children first.
 * @param {ProcessIdentity} root
 */
export function thawTree(root) {
  for (const member of processTree(root).reverse()) signalProcess(member, 'SIGCONT');
}

/**
 * Ends the process and all below it as a power cut would; resolves when they are gone.
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
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (!identities.some(isRunning)) return true;
    if (Date.now() >= deadline) return false;
    await pause(POLL_MS);
  }
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
/** Ticks count from boot, so the same id and ticks may come again after the next one. */
function bootId() {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return knownBootId;
}
