/** What an import waits for while its file comes slowly, and while a service is away, on both sets of engines. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../test/contacts-file.ts';
import { shareImportCircle } from '../test/import-circle.ts';
import { beginUpload } from '../test/streamed-upload.ts';

const SOON = { withinMs: 60_000, everyMs: 100 };
const rest = { reason: 'upload', text: 'the rest of the file' };

describe.each(['embedded', 'distributed'] as const)('on %s engines', (kind) => {
  const circle = shareImportCircle(kind);

  async function newestImport(): Promise<ImportState | undefined> {
    return (await circle().get<{ items: ImportState[] }>('/imports')).items[0];
  }

  const untilWaiting = (expected: ImportState['waitingFor'] | object) =>
    eventually(async () => expect((await newestImport())?.waitingFor).toEqual(expected), SOON);

  test('the rest of its file, whatever is stopped; an aggregator, while none runs', async () => {
    const upload = beginUpload(circle().url, {});
    onTestFinished(() => upload.destroy());
    await upload.send(makeContactsFile(8_000).bytes);
    // A row in a while: a sender that is silent is refused, and a chunk takes a thousand.
    const row = new TextEncoder().encode('slow@slow.example,Slow,,,,,\n');
    const sending = setInterval(() => void upload.send(row).catch(() => undefined), 1_000);
    onTestFinished(() => clearInterval(sending));
    await eventually(async () => expect((await newestImport())?.chunks.completed).toBeGreaterThan(3), SOON);
    await untilWaiting(rest);
    onTestFinished(async () => {
      await circle().startAggregator();
      await circle().startImporter();
    });
    await circle().stopImporter();
    await untilWaiting(rest);
    await circle().stopAggregator();
    await untilWaiting({ reason: 'aggregator', text: 'no aggregator' });
    await circle().startAggregator();
    await circle().startImporter();
    await untilWaiting(rest);
    upload.destroy();
    await eventually(async () => expect((await newestImport())?.status).toBe('failed'), SOON);
  }, 240_000);
});
