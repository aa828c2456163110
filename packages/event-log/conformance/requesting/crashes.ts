import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';
import { decodeReply } from '../../request-reply/request-records.ts';
import type { ChildProgram } from '../children/child-program.ts';
import type { ConformanceSite } from '../engine.ts';
import { numbersOf, openFor, text } from '../fixtures.ts';
import { answer, ask, requested, requesterFor, serve, told } from './fixtures.ts';

/** The process that both sends requests and serves them is killed at the step; another one serves the rest, and nothing that was answered. */
export async function crashRequesting(
  site: ConformanceSite,
  program: ChildProgram,
  step: string,
): Promise<void> {
  const before = await site.open();
  const place = await requested(before);
  await before.close();
  const { topics, service } = place;
  const orders = { work: 'request', settings: site.child.settings, group: service, first: 0 } as const;
  const dieAt = { step, occurrence: 5 };
  const child = program.start({ ...orders, input: topics.normal, output: topics.replies, dieAt });
  await child.dead();
  const log = await openFor(site);
  const sent = await readAll(log, topics.normal);
  expect(numbersOf(sent)).toEqual(expect.arrayContaining(child.acknowledged));
  const answered = (await readAll(log, topics.replies)).map((record) => decodeReply(record)?.requestId);
  const { requester, dropped } = await requesterFor(log, place);
  const workedOff = new Set<string>();
  await serve(log, place, async ({ requestId, body }) => {
    workedOff.add(requestId);
    return answer(text(body));
  });
  const allReplied = async () => {
    for (const { key, value } of sent) {
      const reply = await requester.findReply(key);
      expect(reply && told(reply)).toEqual([200, text(value)]);
    }
  };
  await eventually(allReplied, { withinMs: 120_000 });
  const { reply } = await requester.send(ask(place, 'after the crash'));
  expect(told(await reply)).toEqual([200, 'after the crash']);
  expect(answered.filter((requestId) => requestId && workedOff.has(requestId))).toEqual([]);
  expect(dropped.filter((reason) => reason !== 'foreign')).toEqual([]);
}
