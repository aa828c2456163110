/** One order for many items: each gets its own outcome, and none stops the others. */

/** Orders under way at once, at most. */
const AT_ONCE = 4;

interface BulkOutcome<Item> {
  readonly item: Item;
  /** null: it was ordered. */
  readonly error: unknown;
}

/** Never rejects. Outcomes come in the order of the items. */
export async function orderEach<Item>(
  items: readonly Item[],
  order: (item: Item) => Promise<unknown>,
): Promise<BulkOutcome<Item>[]> {
  const outcomes: BulkOutcome<Item>[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      const error = await order(item).then(
        () => null,
        (reason: unknown) => reason,
      );
      outcomes[index] = { item, error };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}
