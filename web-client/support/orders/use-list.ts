/** A list that is read whole, as far as its bound, and again every few seconds while the page is seen. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProblem } from '../../shell/page-problem.ts';
import { explainSupportError } from '../support-problem.ts';

export interface ReadList<Item> {
  /** null until the first answer. */
  readonly items: readonly Item[] | null;
  /** Whether there are more than were read. */
  readonly hasMore: boolean;
  readonly problem: PageProblem | null;
  /** Reads it again at once. */
  readonly reload: () => void;
}

type ReadPage<Item> = (page: { readonly cursor?: string; readonly limit: number }) => Promise<{
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}>;

const PAGE_SIZE = 500;
/** Items that are read, at most. */
const MOST_ITEMS = 1_000;
const AGAIN_MS = 5_000;

/** @param readPage the same function for as long as the list is the same */
export function useList<Item>(readPage: ReadPage<Item>): ReadList<Item> {
  const [found, setFound] = useState<{ items: readonly Item[]; hasMore: boolean } | null>(null);
  const [problem, setProblem] = useState<PageProblem | null>(null);
  const latest = useRef<() => void>(() => undefined);
  useEffect(() => {
    let isOver = false;
    let isReading = false;
    const read = async (): Promise<void> => {
      if (isReading) return;
      isReading = true;
      try {
        const next = await readWhole(readPage);
        if (isOver) return;
        setFound(next);
        setProblem(null);
      } catch (error) {
        if (!isOver) setProblem(explainSupportError(error));
      } finally {
        isReading = false;
      }
    };
    latest.current = () => void read();
    void read();
    const again = setInterval(() => {
      if (!document.hidden) void read();
    }, AGAIN_MS);
    return () => {
      isOver = true;
      clearInterval(again);
    };
  }, [readPage]);
  return {
    items: found?.items ?? null,
    hasMore: found?.hasMore ?? false,
    problem,
    reload: () => latest.current(),
  };
}

async function readWhole<Item>(readPage: ReadPage<Item>) {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ cursor, limit: PAGE_SIZE });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < MOST_ITEMS);
  return { items, hasMore: cursor !== undefined };
}
