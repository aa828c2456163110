import { randomUUID } from 'node:crypto';
import { startAggregator } from '@tidings/aggregator/app.ts';
import { foldedOf } from '@tidings/contact-store/conformance/test/test-projections.ts';
import { openEmbeddedContactStore } from '@tidings/contact-store/open-contact-store.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger as logger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { ProjectionsDifferError, rebuildProjection } from './rebuild-projection.ts';

/** Aggregator and jobs service on an embedded log and an embedded database. */
async function startServices() {
  const log = await openTestLog();
  const contactStore = await openEmbeddedContactStore('memory');
  const ownerTokens = await openOwnerTokens(log);
  const registry = createRegistry({ processMetrics: false });
  const aggregator = await startAggregator({ log, logger, registry });
  const secrets = { authSecret: 'a'.repeat(32), supportToken: 's'.repeat(32), publishApiKey: 'k'.repeat(32) };
  const jobsService = await startJobsService({
    ...{
      log,
      contactStore,
      ownerTokens,
      logger,
      registry,
      uploadMaxBytes: 1_000,
      abortReceivingAtStart: false,
    },
    tokens: createTokenAuthority(secrets, ownerTokens),
  });
  onTestFinished(async () => {
    await jobsService.stop();
    await aggregator.stop();
    await ownerTokens.close();
    await contactStore.close();
  });
  const untilKept = (ids: readonly string[]) =>
    eventually(async () => {
      const kept = await Promise.all(ids.map((id) => contactStore.getImport(id)));
      expect(kept.filter((one) => one === null)).toEqual([]);
    });
  return { log, contactStore, untilKept };
}

const upload = (uploadId: string): ImportCommand => ({
  type: 'import.accepted',
  data: { uploadId, channelId: 'c', owner: 'mira', fileName: 'a.csv', clientReference: null, autoUndo: true },
});

/** An import of no rows from its beginning to its end; returns its id. */
async function runImport(log: EventLog): Promise<string> {
  const importId = randomUUID();
  const uploadId = randomUUID();
  const seal: ImportCommand = { type: 'upload.sealed', data: { uploadId, chunks: 0, rows: 0, bytes: 9 } };
  for (const { type, data } of [upload(uploadId), seal]) {
    const event = createEvent({ type, subject: importId, data, owner: 'mira' });
    await log.append([{ topic: topics.commands, key: importId, value: encodeEvent(event) }]);
  }
  return importId;
}

/** Of all topics but that of progress, to which the last snapshot comes by a timer. */
const endsOf = (log: EventLog) =>
  Promise.all(
    planTopics(2)
      .filter(({ name }) => name !== topics.progress)
      .map(({ name }) => log.endOffsets(name)),
  );

test('a rebuild while imports run and end loses none, and finds the same as the running projection', {
  timeout: 300_000,
}, async () => {
  const { log, contactStore, untilKept } = await startServices();
  const before = await Promise.all(Array.from({ length: 20 }, () => runImport(log)));
  await untilKept(before);
  const during: Promise<string>[] = [];
  const lines: number[] = [];
  const comparison = await rebuildProjection({
    ...{ log, contactStore, switches: true },
    onProgress: ({ read }) => {
      lines.push(read);
      if (during.length < 20) during.push(runImport(log), runImport(log));
    },
  });
  expect(comparison).toMatchObject({ different: 0, behind: 0 });
  expect(comparison.rebuilt).toBeGreaterThanOrEqual(20);
  expect(lines.at(-1)).toBeGreaterThanOrEqual(60);
  const all = [...before, ...(await Promise.all(during))];
  await untilKept(all);
  // Another rebuild, once all is at rest: every import is told by the log, and is the very same.
  expect(await rebuildProjection({ log, contactStore, switches: false })).toMatchObject({
    ...{ rebuilt: all.length, same: all.length, different: 0, goneOn: 0, behind: 0, missing: 0, copied: 0 },
  });
});

test('a rebuild appends nothing to the log, and copies what the log does not tell', {
  timeout: 300_000,
}, async () => {
  const { log, contactStore, untilKept } = await startServices();
  const told = await runImport(log);
  const old = { importId: randomUUID(), uploadId: randomUUID(), owner: 'mira' };
  await contactStore.projectImport(foldedOf(old));
  await untilKept([told]);
  // Accepted, sealed, compared and projected: then nothing follows.
  await eventually(async () => {
    const committed = await log.committedOffsets('aggregator', topics.commands);
    expect(committed.reduce((sum: number, offset) => sum + (offset ?? 0), 0)).toBe(4);
    // The start has scheduled the removal of what is old, and that is written in its own time.
    expect(await log.endOffsets(topics.schedule)).toEqual([1]);
  });
  const ends = await endsOf(log);
  const comparison = await rebuildProjection({ log, contactStore, switches: true });
  expect(comparison).toMatchObject({ rebuilt: 1, same: 1, copied: 1 });
  expect(await endsOf(log)).toEqual(ends);
  await untilKept([told, old.importId]);
});

test('where the two differ nothing is changed, unless the rebuilt content is asked for', {
  timeout: 300_000,
}, async () => {
  const { log, contactStore, untilKept } = await startServices();
  const importId = await runImport(log);
  await untilKept([importId]);
  const kept = await contactStore.getImport(importId);
  if (kept === null) throw new Error('the import is kept');
  // As a faulty release might have left it.
  const wrong = await contactStore.beginRebuild();
  await wrong.project({ ...kept, state: { ...kept.state, fileName: 'wrong.csv' } });
  await wrong.switchOver();
  const parts = { log, contactStore, switches: true };
  await expect(rebuildProjection(parts)).rejects.toThrow(ProjectionsDifferError);
  expect((await contactStore.getImport(importId))?.state.fileName).toBe('wrong.csv');
  expect(await rebuildProjection(parts, true)).toMatchObject({ different: 1, differing: [importId] });
  expect(await contactStore.getImport(importId)).toEqual(kept);
});
