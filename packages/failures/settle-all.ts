/**
 * Settles when all of them have settled, also with a rejection: what comes next must not overtake, or close, what is still under way.
 * @throws the first rejection, in the order given
 */
export async function settleAll<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
