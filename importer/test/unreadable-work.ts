/** Records of work that say too little of themselves: each is a dead letter with what is known of it. For any engine of the log. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { DeadLetters } from '@tidings/event-log/retry/dead-letters.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';
import { columns, cutFile, newIdentity, plainFile, runImporter, waitForReports } from './parts.ts';

const topic = topics.expressWork;
const group = consumerGroups.expressWork;
const WITHIN = { withinMs: 30_000 };

/** @param log with the topics of Tidings, and nothing on them */
export async function unreadableWorkIsKept(log: EventLog, contactStore: ContactStore): Promise<void> {
  const identity = newIdentity();
  const [chunk] = cutFile(plainFile(5), columns, identity, { topic });
  if (chunk?.headers === undefined) throw new Error('there is no chunk');
  const { work = '', ...envelope } = chunk.headers;
  const spoilt: NewRecord[] = [
    { ...chunk, headers: {} },
    { topic, key: chunk.key, value: chunk.value },
    { ...chunk, headers: { ...envelope } },
    { ...chunk, headers: { ...envelope, work: '{' } },
    { ...chunk, headers: { ...envelope, work: work.slice(0, work.length / 2) } },
    { ...chunk, headers: { ...envelope, work: '\uFFFD\u0000\uFFFD' } },
    { ...chunk, headers: { ...envelope, type: 'undo.page', work } },
    { ...chunk, headers: { ...envelope, type: 'undo.page', work: 'null' } },
    { ...chunk, headers: { type: 'of a later release', work: '[]' } },
    { ...chunk, headers: { 'retry-attempts': 'two', 'retry-due-at': 'soon' } },
    { topic, key: 'of a stranger', value: new Uint8Array() },
    { topic, key: chunk.key, value: null },
  ];
  await log.append([...spoilt, chunk]);
  const { lines } = await runImporter(log, { contactStore });
  const [report] = await waitForReports(log, identity.importId, 1);
  expect(report).toMatchObject({ type: 'chunk.completed', data: { chunk: 0, delta: { created: 5 } } });

  const strangers: unknown[] = [];
  const letters = new DeadLetters({
    ...{ log, sources: [{ topic, group }], noteOf: ({ value }) => value?.byteLength },
    onError: (error) => void strangers.push(error),
  });
  await eventually(async () => {
    await letters.refresh();
    expect([...letters.entries()]).toHaveLength(spoilt.length);
  }, WITHIN);
  const known = [...letters.entries()].map(({ attempts, key, note }) => `${attempts} ${key} ${note}`);
  const expected = spoilt.map(({ key, value }) => `3 ${key} ${value?.byteLength}`);
  expect([known.toSorted(), strangers]).toEqual([expected.toSorted(), []]);

  // No record comes again: each group has committed the end of its topic.
  for (const [place, positionOf] of [
    [topic, group],
    [`${topic}.${group}.retry-1`, `${group}.retry`],
    [`${topic}.${group}.retry-2`, `${group}.retry`],
  ] as const) {
    await eventually(async () => {
      const ends = await log.endOffsets(place);
      const positions = await log.committedOffsets(positionOf, place);
      expect(ends.map((end, partition) => positions[partition] ?? end)).toEqual(ends);
    }, WITHIN);
  }
  expect((await readAll(log, topics.commands)).map(({ key }) => key)).toEqual([identity.importId]);
  expect(lines.join('')).not.toContain('@example.com');
}
