/** An outage of the database in mid-import costs no attempt, and the import goes on by itself. */
import { openPostgresContactStore } from '@tidings/contact-store/open-contact-store.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics, workPlaces } from '@tidings/contracts/topics.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { columns, cutFile, newIdentity, plainFile, runImporter, waitForReports } from './test/parts.ts';

const ROWS = 3_000;
const RESTARTS = 3;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines({ postgres: true });
}, 300_000);
afterAll(() => engines.stop());

test.each([
  ['stops', () => engines.postgres.stop()],
  ['is killed', () => engines.postgres.kill()],
] as const)(
  'no attempt is counted while PostgreSQL %s, though importers come and go meanwhile',
  {
    timeout: 180_000,
  },
  async (_what, end) => {
    const log = await openTestLog();
    const contactStore = await openPostgresContactStore({ url: engines.databaseUrl, connections: 4 });
    onTestFinished(() => contactStore.close());
    const connections = { kind: 'separate', express: 1, bulk: 2 } as const;
    const run = () => runImporter(log, { contactStore, connections });
    const identity = newIdentity();
    const records = cutFile(plainFile(ROWS), columns, identity, { maxChunkBytes: 1_000 });
    const first = await run();
    // Half of the file before the outage, half of it during the outage.
    const half = Math.floor(records.length / 2);
    await log.append(records.slice(0, half));
    await waitForReports(log, identity.importId, 3);
    await end();
    await log.append(records.slice(half));
    await eventually(() => expect(first.lines.join('')).toContain('chunks not handled'));
    await first.importer.stop();
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const next = await run();
      await eventually(() => expect(next.lines.join('')).toContain('chunks not handled'));
      await next.importer.stop();
    }
    const last = await run();
    await eventually(() => expect(last.lines.join('')).toContain('chunks not handled'));
    await engines.postgres.restart();

    const chunks = new Set(records.map((_, chunk) => chunk));
    const reports = async () =>
      (await readAll(log, topics.commands)).map(({ value }) => {
        const { type, data } = decodeEvent(value);
        return { type, chunk: z.object({ chunk: z.int() }).parse(data).chunk };
      });
    await eventually(async () =>
      expect(new Set((await reports()).map(({ chunk }) => chunk))).toEqual(chunks),
    );
    expect(new Set((await reports()).map(({ type }) => type))).toEqual(new Set(['chunk.completed']));
    const { delta } = await contactStore.ledgerTotals(identity.importId, identity.uploadId);
    expect(delta).toMatchObject({ created: ROWS, failed: 0 });
    for (const { topic } of workPlaces) {
      if (topic !== topics.expressWork && topic !== topics.bulkWork)
        expect(Math.max(...(await log.endOffsets(topic)))).toBe(0);
    }
  },
);
