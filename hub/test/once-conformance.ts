/** One suite for every engine of `Once`: what the port's comment promises, but for the bounds of an engine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Once, RUNNING_MS } from '../once/once.ts';

const TTL_MS = 24 * 60 * 60 * 1000;

export interface OnceUnderTest {
  readonly once: Once;
  /** The clock, which the test sets. */
  readonly clock: { now: number };
}

/** @param create an engine that knows no key; called for each test, and for each run of a property */
export function describeOnce(name: string, create: () => OnceUnderTest): void {
  describe(name, () => {
    test('the first call does the work; the others hear that it runs, and then that it is done', async () => {
      const { once } = create();
      expect(await once.begin('key', 'work', TTL_MS)).toBe('new');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('running');
      expect(await once.begin('another key', 'work', TTL_MS)).toBe('new');
      await once.finish('key');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('done');
      expect(await once.begin('another key', 'work', TTL_MS)).toBe('running');
    });

    test('of calls at the same time, one does the work', async () => {
      const { once } = create();
      const begun = await Promise.all(Array.from({ length: 50 }, () => once.begin('key', 'work', TTL_MS)));
      expect(begun.toSorted()).toEqual(['new', ...Array.from({ length: 49 }, () => 'running')]);
    });

    test('other work under the same key is told so, while it runs and afterwards', async () => {
      const { once } = create();
      await once.begin('key', 'work', TTL_MS);
      expect(await once.begin('key', 'other work', TTL_MS)).toBe('other');
      await once.finish('key');
      expect(await once.begin('key', 'other work', TTL_MS)).toBe('other');
    });

    test('work that failed may be begun again', async () => {
      const { once } = create();
      await once.begin('key', 'work', TTL_MS);
      await once.forget('key');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('new');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('running');
    });

    test('work that nobody finished is begun again after its time, and still no other work', async () => {
      const { once, clock } = create();
      await once.begin('key', 'work', TTL_MS);
      clock.now += RUNNING_MS - 1;
      expect(await once.begin('key', 'work', TTL_MS)).toBe('running');
      clock.now += 1;
      expect(await once.begin('key', 'other work', TTL_MS)).toBe('other');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('new');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('running');
      await once.finish('key');
      clock.now += RUNNING_MS;
      expect(await once.begin('key', 'work', TTL_MS)).toBe('done');
    });

    test('to finish or forget a key that is not known changes nothing', async () => {
      const { once } = create();
      await once.finish('key');
      await once.forget('key');
      expect(await once.begin('key', 'work', TTL_MS)).toBe('new');
    });

    test('any texts are keys and digests', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 300 });
      await fc.assert(
        fc.asyncProperty(text, text, async (key, digest) => {
          const { once } = create();
          expect(await once.begin(key, digest, TTL_MS)).toBe('new');
          expect(await once.begin(`${key}x`, digest, TTL_MS)).toBe('new');
          expect(await once.begin(key, `${digest}x`, TTL_MS)).toBe('other');
          await once.finish(key);
          expect(await once.begin(key, digest, TTL_MS)).toBe('done');
        }),
        { numRuns: 30 },
      );
    });
  });
}
