/** Does the steps of an ending: what one of them fails at keeps none behind it from its turn. */

/**
 * Runs each step once the one before is over, also where that has failed.
 * @param onFailure hears of each failure; must not throw
 * @throws the failure, once all steps are over; an AggregateError where several have failed
 */
export async function inTurn(
  steps: Iterable<() => unknown>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      onFailure(error);
      failures.push(error);
    }
  }
  const [first, ...others] = failures;
  if (others.length > 0)
    throw new AggregateError(failures, `${messageOf(first)} (and ${others.length} more after it)`);
  if (failures.length > 0) throw first;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
