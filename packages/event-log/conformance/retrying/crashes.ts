import { readAll } from '@tidings/testing/log.ts';
import { expect } from 'vitest';
import { decodeDeadLetter } from '../../retry/retry-headers.ts';
import { attemptsTopic, deadLetterTopic, retryTopic } from '../../retry/topic-names.ts';
import type { ChildOrders } from '../children/child-orders.ts';
import type { ChildProgram } from '../children/child-program.ts';
import type { ConformanceSite } from '../engine.ts';
import { numbersOf, openFor, record, text, unique, upTo } from '../fixtures.ts';
import { COMPLETE, type RecordKind } from './child.ts';

type Orders = Omit<ChildOrders, 'dieAt'>;

/** What ten records do: one fails, and two end their process; only one does where a process is killed besides. */
const kindsFor = (step: string | null): RecordKind[] =>
  upTo(10).map((number) => {
    if (number === 1) return 'failing';
    return number === 4 || (number === 5 && step === null) ? 'ending' : 'fine';
  });

/** One process is killed at the step, or at none; others follow until every record has an outcome. */
export async function crashRetrying(
  site: ConformanceSite,
  program: ChildProgram,
  step: string | null,
): Promise<void> {
  const kinds = kindsFor(step);
  const topics = await prepare(site, kinds);
  const orders: Orders = { work: 'retry', settings: site.child.settings, ...topics, first: kinds.length };
  if (step !== null) await program.start({ ...orders, dieAt: { step, occurrence: 1 } }).dead();
  const handled = await runUntilComplete(program, orders);
  const log = await openFor(site);
  const letters = (await readAll(log, deadLetterTopic(topics.input, topics.group))).map(decodeDeadLetter);
  const dead = new Map(letters.map((letter) => [Number(text(letter.value)), letter]));
  const numbersOfKind = (kind: RecordKind) => upTo(kinds.length).filter((number) => kinds[number] === kind);
  expect([...dead.keys()].sort()).toEqual([...numbersOfKind('failing'), ...numbersOfKind('ending')].sort());
  // Its process may have been ended by another record each time.
  for (const number of numbersOfKind('failing')) expect(dead.get(number)).toMatchObject({ attempts: 3 });
  for (const number of numbersOfKind('ending')) {
    expect(dead.get(number)).toMatchObject({ attempts: 3, error: { code: 'process_ended' } });
    const handlings = handled.filter((one) => one === number).length;
    // The process that ended at the step may have begun it.
    if (step === null) expect(handlings).toBe(3);
    else expect([2, 3]).toContain(handlings);
  }
  const put = [...new Set(numbersOf(await readAll(log, topics.output)))];
  expect(put).toEqual(numbersOfKind('fine'));
}

/** One process after another, until every record has an outcome. Resolves with the numbers that were handed out, in their order. */
async function runUntilComplete(program: ChildProgram, orders: Orders): Promise<number[]> {
  const handled: number[] = [];
  while (!handled.includes(COMPLETE)) {
    const child = program.start({ ...orders, dieAt: null });
    await child.printed(COMPLETE);
    child.kill();
    await child.dead();
    handled.push(...child.acknowledged);
  }
  return handled;
}

async function prepare(
  site: ConformanceSite,
  kinds: readonly RecordKind[],
): Promise<Pick<ChildOrders, 'input' | 'output' | 'group'>> {
  const [input, output, group] = [unique('input'), unique('output'), unique('group')];
  const log = await site.open();
  await log.ensureTopics([
    ...[input, output, retryTopic(input, group, 1), retryTopic(input, group, 2)].map((name) => ({
      name,
      partitions: 1,
      cleanup: 'delete' as const,
    })),
    ...[deadLetterTopic(input, group), attemptsTopic(group)].map((name) => ({
      name,
      partitions: 1,
      cleanup: 'compact' as const,
    })),
  ]);
  await log.append(kinds.map((kind, number) => recordOf(input, number, kind)));
  await log.close();
  return { input, output, group };
}

function recordOf(topic: string, number: number, kind: RecordKind) {
  return { ...record(topic, `key-${number}`, String(number)), headers: { kind } };
}
