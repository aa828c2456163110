/** Tries every MUST of docs/protocol.md on a running hub, each as a test of its name. */
import type { Need } from '@tidings/protocol-conformance/rule.ts';
import { rules } from '@tidings/protocol-conformance/rules.ts';
import { type RuleVerdict, runConformance } from '@tidings/protocol-conformance/run.ts';
import type { HubUnderTest } from '@tidings/protocol-conformance/trial.ts';
import { beforeAll, describe, expect, test } from 'vitest';

/** Milliseconds for what a hub does at once, on a busy machine. */
const PATIENCE_MS = 30_000;

/**
 * @param hub called once it runs
 * @param without what this hub does not have; the rules that need it are expected to say so
 */
export function describeConformance(
  hub: () => Promise<Omit<HubUnderTest, 'patienceMs'>>,
  { without = [] }: { readonly without?: readonly Need[] } = {},
): void {
  describe('every MUST of the protocol holds', () => {
    const verdicts = new Map<string, RuleVerdict>();
    beforeAll(async () => {
      // All at once, because some of them take their time by the clock.
      const found = await runConformance({ ...(await hub()), patienceMs: PATIENCE_MS });
      for (const verdict of found) verdicts.set(verdict.name, verdict);
    }, 300_000);

    test.each(rules)('$name', ({ name, needs }) => {
      const outcome = needs.some((need) => without.includes(need)) ? 'not tried' : 'holds';
      const verdict = verdicts.get(name);
      expect(verdict?.outcome, verdict?.why).toBe(outcome);
    });
  });
}
