/**
 * Measures how long a cancelled import goes on: from the request to its end on the owner's channel. A million rows are imported, and
 * cancelled once while the file still comes, and once when all of it is received and waits to be worked off.
 */
import { createApi, openChannel, uploadImport } from '@tidings/client/index.ts';
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { startDistributed } from '@tidings/testing/stack/distributed.ts';
import { startStack } from '@tidings/testing/stack/stack.ts';
import { contactsFile, numberOption } from '../measure.ts';

const moments = {
  'while the file comes': (state: ImportState) => state.upload === 'receiving' && rowsReported(state) > 0,
  'when the file is received': (state: ImportState) => state.upload === 'sealed' && rowsReported(state) > 0,
} as const;

/** `--rows 1000000`, `--times 3`: prints the time of each. `--engines distributed` too. */
export async function run(words: string[]): Promise<void> {
  const file = contactsFile(numberOption(words, 'rows', 1_000_000));
  const times = numberOption(words, 'times', 3);
  const distributed = words.includes('distributed');
  const system = distributed ? await startDistributed({ onProgress: console.log }) : await startStack();
  try {
    for (let time = 1; time <= times; time += 1)
      for (const [moment, isMoment] of Object.entries(moments))
        await cancelOne(system.url, file, moment, isMoment);
  } finally {
    await ('dispose' in system ? system.dispose() : system.stop());
  }
}

async function cancelOne(
  url: string,
  file: Buffer,
  moment: string,
  isMoment: (state: ImportState) => boolean,
): Promise<void> {
  const channel = openChannel({ url });
  try {
    await channel.ready();
    const credentials = channel.credentials ?? undefined;
    const api = createApi({ baseUrl: url, token: () => credentials?.token ?? '' });
    let cancelledAt = 0;
    const ended = new Promise<ImportState>((resolve, reject) => {
      channel.onNotification(({ type, data }) => {
        const state = data as ImportState;
        if (type === 'import.cancelled') return resolve(state);
        if (type.startsWith('import.completed'))
          return reject(new Error('it had ended before it was cancelled'));
        if (cancelledAt > 0 || !isMoment(state)) return;
        cancelledAt = performance.now();
        api.cancelImport(state.importId).catch(reject);
      });
    });
    // The cancel cuts the file off, and the upload ends with that.
    uploadImport({ baseUrl: url, file: new Blob([file]), fileName: 'long.csv', channel: credentials }).catch(
      () => undefined,
    );
    const state = await ended;
    const milliseconds = (performance.now() - cancelledAt).toFixed(0);
    console.log(
      `cancelled ${moment}: ${milliseconds} ms (to reach: 2000); ${rowsReported(state) - state.rows.cancelled} rows were done, ${state.rows.cancelled} cancelled`,
    );
  } finally {
    channel.close();
  }
}
