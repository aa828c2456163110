/**
 * Measures what a short import waits for beside a long one: from the first byte that is sent to the outcome in a client, for imports of
 * ten rows one after another, first on an idle Tidings, then while imports of a million rows run. The baseline is the idle time of
 * the same run.
 */
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsFile, numberOption, percentile } from '../measure.ts';
import { runFlood } from './fairness/flood.ts';
import { keepLongImportRunning, SHORT_ROWS, ShortImports } from './fairness/short-imports.ts';

/**
 * `--imports 200`, `--rows 1000000`: prints p50 and p99 of both, and the ratio of their p99. `--engines distributed` too. With
 * `--flood 10000` other owners send so many short imports meanwhile: see `flood.ts`.
 */
export async function run(words: string[]): Promise<void> {
  if (words.includes('--flood')) return runFlood(words);
  const imports = numberOption(words, 'imports', 200);
  const rows = numberOption(words, 'rows', 1_000_000);
  const distributed = words.includes('distributed');
  const system = distributed ? await startDistributed({ onProgress: console.log }) : await startStack();
  try {
    await timeShortImports(system.url, 20, 'warm-up');
    const idle = await timeShortImports(system.url, imports, 'idle');
    const long = keepLongImportRunning(system.url, contactsFile(rows));
    const beside = await timeShortImports(system.url, imports, 'beside a long import');
    const count = await long.stop();
    const ratio = percentile(beside, 0.99) / percentile(idle, 0.99);
    console.log(
      `${imports} imports of ${SHORT_ROWS} rows beside ${count} of ${rows} rows: ` +
        `p99 ${percentile(beside, 0.99).toFixed(0)} ms (to reach: 1000), ratio to the idle p99 ${ratio.toFixed(1)} (to reach: 3.0)`,
    );
  } finally {
    await ('dispose' in system ? system.dispose() : system.stop());
  }
}

async function timeShortImports(url: string, imports: number, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < imports; index += 1) {
    // A channel of its own for each, as a page has.
    const short = new ShortImports(url, { firstRow: 10_000_000 + index * SHORT_ROWS });
    try {
      await short.ready();
      await short.run();
    } finally {
      short.close();
    }
    times.push(...short.times);
  }
  console.log(
    `${name}: p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms, ` +
      `longest ${Math.max(...times).toFixed(0)} ms (${imports} imports)`,
  );
  return times;
}
