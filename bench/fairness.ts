/**
 * Measures what a short import waits for beside a long one: from the first byte that is sent to the outcome in a client, for imports of
 * ten rows one after another, first on an idle Tidings, then while imports of a million rows run. The baseline is the idle time of
 * the same run.
 */
import { openChannel, uploadImport } from '@tidings/client/index.ts';
import { hasEnded, type ImportState } from '@tidings/contracts/import.ts';
import { acceptImport, getJson } from '@tidings/testing/requests.ts';
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsFile, contactsHeader, contactsRow, numberOption, percentile } from './measure.ts';

const SHORT_ROWS = 10;

/** `--imports 200`, `--rows 1000000`: prints p50 and p99 of both, and the ratio of their p99. `--engines distributed` too. */
export async function run(words: string[]): Promise<void> {
  const imports = numberOption(words, 'imports', 200);
  const rows = numberOption(words, 'rows', 1_000_000);
  const distributed = words.includes('distributed');
  const system = distributed ? await startDistributed({ onProgress: console.log }) : await startStack();
  try {
    await timeShortImports(system.url, 20, 'warm-up');
    const idle = await timeShortImports(system.url, imports, 'idle');
    const long = keepLongImportRunning(system.url, contactsFile(rows));
    const beside = await timeShortImports(system.url, imports, 'beside a long import');
    const longImports = await long.stop();
    const ratio = percentile(beside, 0.99) / percentile(idle, 0.99);
    console.log(
      `${imports} imports of ${SHORT_ROWS} rows beside ${longImports} of ${rows} rows: p99 ${percentile(beside, 0.99).toFixed(0)} ms ` +
        `(to reach: 1000), ratio to the idle p99 ${ratio.toFixed(1)} (to reach: 3.0)`,
    );
  } finally {
    await ('dispose' in system ? system.dispose() : system.stop());
  }
}

async function timeShortImports(url: string, imports: number, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < imports; index += 1) times.push(await timeShortImport(url, index));
  console.log(
    `${name}: p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms, ` +
      `longest ${Math.max(...times).toFixed(0)} ms (${imports} imports)`,
  );
  return times;
}

async function timeShortImport(url: string, index: number): Promise<number> {
  const lines = Array.from({ length: SHORT_ROWS }, (_, row) =>
    contactsRow(10_000_000 + index * SHORT_ROWS + row),
  );
  const file = new Blob([contactsHeader, ...lines]);
  const channel = openChannel({ url });
  try {
    await channel.ready();
    const outcome = new Promise<ImportState>((resolve) => {
      channel.onNotification(({ type, data }) => {
        if (type.startsWith('import.completed')) resolve(data as ImportState);
      });
    });
    const start = performance.now();
    await uploadImport({
      baseUrl: url,
      file,
      fileName: 'short.csv',
      channel: channel.credentials ?? undefined,
    });
    const state = await outcome;
    if (state.rows.total !== SHORT_ROWS)
      throw new Error(`expected ${SHORT_ROWS} rows, got ${JSON.stringify(state.rows)}`);
    return performance.now() - start;
  } finally {
    channel.close();
  }
}

/** Uploads the long file, and again when its import has ended: a long import runs at every moment, from its first byte on. */
function keepLongImportRunning(url: string, file: Buffer) {
  let stopped = false;
  let count = 0;
  const imports = (async () => {
    while (!stopped) {
      count += 1;
      const { importId, channelToken } = await acceptImport(url, { file, fileName: 'long.csv' });
      while (!stopped && !hasEnded(await waitForEnd(url, importId, channelToken)));
    }
  })();
  return {
    /** Resolves with the number of long imports. Rejects where one was refused. */
    async stop() {
      stopped = true;
      await imports;
      return count;
    },
  };
}

function waitForEnd(url: string, importId: string, token: string): Promise<ImportState> {
  return getJson(`${url}/imports/${importId}`, token, { Prefer: 'wait=10' });
}
