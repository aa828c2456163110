/** A short proof on each kind of engines, by seeds that stay the same. `npm run prove` makes longer ones, by other seeds. */
import { afterAll, describe, expect, test } from 'vitest';
import { type ProvedEngines, prove } from './prove.ts';
import { reportLines } from './report.ts';

/** Ends what runs when the file ends, also after a time-out. */
const ending = new AbortController();
afterAll(() => ending.abort());

/** A finding must not be taken for a slow engine, so nothing here is tried twice. */
const once = { retry: 0, timeout: 400_000 };

describe.each<[ProvedEngines, number]>([
  ['embedded', 11],
  ['distributed', 12],
])('on %s engines', (engines, seed) => {
  test('nothing is lost and nothing doubled, whatever is killed, stopped and cut off', once, async () => {
    const asked = { engines, seed, minutes: 0.5 };
    const proof = await prove({ ...asked, screen: { write: () => undefined }, signal: ending.signal });
    const report = reportLines(proof, asked).join('\n');
    process.stdout.write(`${report}\n`);
    expect(proof.findings.sentences, report).toEqual([]);
    expect([...proof.progress.faults.values()].some((count) => count > 0)).toBe(true);
  });
});
