// Imports a file and waits for its outcome, with progress on the way: npx tsx wait-for-import.ts http://127.0.0.1:3000 contacts.csv
import { openAsBlob } from 'node:fs';
import { type ImportState, openChannel, ProblemError, uploadImport } from '@tidings/client';

const [url = '', path = ''] = process.argv.slice(2);
const channel = openChannel({ url });
channel.onNotification(
  ({ data }) => {
    const { rows, status } = data as ImportState;
    console.error(status, rows.created + rows.updated + rows.unchanged, 'of', rows.total ?? 'so far unknown');
  },
  { lane: 'progress' },
);
try {
  const file = await openAsBlob(path);
  const { importId } = await uploadImport({ baseUrl: url, channel: await channel.ready(), file });
  const { status, rows } = (await channel.outcome(importId)).data as ImportState;
  console.log(status, JSON.stringify(rows));
  process.exitCode = status === 'completed' ? 0 : 1;
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.error(`refused: ${error.code}: ${error.message}`);
  process.exitCode = 2;
} finally {
  channel.close();
}
