/** Conformance: what errors say of statements that the database refuses. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../subject.ts';

const CANARY = 'canary-4711';

export function faultsSuite({ database }: Subject): void {
  describe('a statement that is refused', () => {
    test.each([
      ['SELECT $1::uuid', CANARY],
      ['SELECT $1::text', `${CANARY}\0`],
      ['SELECT $1::jsonb', `{"${CANARY}": "\\u0000"}`],
      ['SELECT 1 / length($1::text) FROM no_such_table', CANARY],
    ])('is told without its text and its values: %s', async (statement, value) => {
      const lines: string[] = [];
      const logger = pino({}, { write: (line: string) => void lines.push(line) });
      const failure: unknown = await database()
        .query(statement, [value])
        .catch((error: unknown) => error);
      logger.error({ err: failure }, 'failed');
      expect(failure).toMatchObject({ name: 'DatabaseFault', retriable: false });
      expect(failure).toMatchObject({ code: expect.stringMatching(/^(22|42)/) });
      expect(lines.join()).toContain('DatabaseFault');
      expect(lines.join()).not.toMatch(new RegExp(`${CANARY}|SELECT`));
    });
  });
  // A fault of the program was taken for an outage and tried again for ever: the chunk neither ended nor became a dead letter.
  test('a fault of the program in a transaction is no outage', async () => {
    const fault = new TypeError('a fault of ours');
    const work = () => Promise.reject(fault);
    await expect(database().transaction(work)).rejects.toBe(fault);
    expect((await database().query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
}
