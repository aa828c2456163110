/** Settles when all of them have settled, also with a rejection: a batch delivered again must not overtake work under way. */
export async function settleAll<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
