/** What the benches share: percentiles, memory and CPU of another process, and contacts files. */
import { readdirSync, readFileSync } from 'node:fs';

/** @param share from 0 to 1: 0.5 is the median */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1));
  return sorted[index] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Resident bytes of a process, as Linux counts them. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Clock ticks a second; Linux has 100 everywhere that Node runs. */
const TICKS = 100;

/** CPU seconds of a process since its start, over all of its threads. */
export function cpuSeconds(pid: number): number {
  return statOf(pid).ticks / TICKS;
}

/** CPU seconds of a process and of its children, those that have ended among them. */
export function familyCpuSeconds(pid: number): number {
  const { ticks, ticksOfEnded } = statOf(pid);
  const ofChildren = readdirSync('/proc').map((name) => {
    if (!/^\d+$/.test(name)) return 0;
    try {
      const child = statOf(Number(name));
      return child.parent === pid ? child.ticks : 0;
    } catch {
      // It has ended since.
      return 0;
    }
  });
  return ofChildren.reduce((sum, one) => sum + one, ticks + ticksOfEnded) / TICKS;
}

/** Of `/proc/PID/stat`: the parent, and the clock ticks of the process and of its children that have ended. */
function statOf(pid: number): { parent: number; ticks: number; ticksOfEnded: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  const at = (index: number) => Number(fields[index]);
  return { parent: at(1), ticks: at(11) + at(12), ticksOfEnded: at(13) + at(14) };
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

export const contactsHeader = 'Email,First name,Last name,Phone,Company,Country,Notes\n';

/** One valid row; the same number gives the same row. */
export function contactsRow(row: number): string {
  const phone = `+49151${String(10_000_000 + (row % 89_999_999)).padStart(8, '0')}`;
  return `person.${row}@example.org,First${row % 997},Last${row % 9973},${phone},Company ${row % 500},DE,note ${row}\n`;
}

/** A whole file of so many rows, for benches that need all of it at once. */
export function contactsFile(rows: number): Buffer {
  const parts = [contactsHeader];
  for (let row = 0; row < rows; row += 1) parts.push(contactsRow(row));
  return Buffer.from(parts.join(''));
}

/** The value of a numeric option, or its default. @throws Error that names what is allowed */
export function numberOption(words: readonly string[], name: string, fallback: number): number {
  const at = words.indexOf(`--${name}`);
  if (at < 0) return fallback;
  const value = Number(words[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1`);
  return value;
}

/** The value of an option; undefined where it is not given. */
export function textOption(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(`--${name}`);
  return at < 0 ? undefined : words[at + 1];
}
