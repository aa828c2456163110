/** A list that is read whole, as far as its bound, and again every few seconds while the page is seen. */
import { useCallback } from 'preact/hooks';
import { type Repeated, useRepeated } from '../use-repeated.ts';

export interface ReadList<Item> extends Omit<Repeated<unknown>, 'value'> {
  /** null until the first answer. */
  readonly items: readonly Item[] | null;
  /** Whether there are more than were read. */
  readonly hasMore: boolean;
}

export type ReadPage<Item> = (page: { readonly cursor?: string; readonly limit: number }) => Promise<{
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}>;

const PAGE_SIZE = 500;
/** Items that are read, at most. */
const MOST_ITEMS = 1_000;

/**
 * @param readPage the same function for as long as the list is the same
 * @param most items that are read
 */
export function useList<Item>(readPage: ReadPage<Item>, most = MOST_ITEMS): ReadList<Item> {
  const read = useCallback(() => readWhole(readPage, most), [readPage, most]);
  const { value, problem, reload } = useRepeated(read);
  // What another list has told is nothing of this one.
  const found = value?.of === readPage ? value : null;
  return { items: found?.items ?? null, hasMore: found?.hasMore ?? false, problem, reload };
}

/** @param most items that are read */
export async function readWhole<Item>(readPage: ReadPage<Item>, most = MOST_ITEMS) {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ cursor, limit: Math.min(PAGE_SIZE, most - items.length) });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return { of: readPage, items, hasMore: cursor !== undefined };
}
