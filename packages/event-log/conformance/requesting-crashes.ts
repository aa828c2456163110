import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';
import type { ChildProgram } from './child-program.ts';
import type { ConformanceSite } from './engine.ts';
import { numbersOf, openFor, text } from './fixtures.ts';
import { answer, ask, requested, requesterFor, serve, told } from './requesting-fixtures.ts';

/** The process that both sends requests and serves them is killed at the step; another one serves the rest. */
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
  const { requester, dropped } = await requesterFor(log, place);
  await serve(log, place, async ({ body }) => answer(text(body)));
  const allReplied = async () => {
    for (const { key, value } of sent) {
      const reply = await requester.findReply(key);
      expect(reply && told(reply)).toEqual([200, text(value)]);
    }
  };
  await eventually(allReplied, { withinMs: 120_000 });
  const { reply } = await requester.send(ask(place, 'after the crash'));
  expect(told(await reply)).toEqual([200, 'after the crash']);
  expect(dropped.filter((reason) => reason !== 'foreign')).toEqual([]);
}
