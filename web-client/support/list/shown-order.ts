/** Which imports stand in which place. While somebody points at the list, or is in it, the places stay as they are. */
import { useRef, useState } from 'preact/hooks';
import type { ListedImport } from './import-table.ts';
import type { ListQuery } from './list-query.ts';

export interface ShownOrder {
  /** Ids from the top down. */
  readonly ids: readonly string[];
  /** Imports that match and are not among them. */
  readonly fresh: number;
  /** For the list: whether the pointer or the focus is in it. */
  readonly hold: (by: 'pointer' | 'focus', isIn: boolean) => void;
  /** Puts every import in its place. */
  readonly arrange: () => void;
}

/** @param matching sorted */
export function useShownOrder(matching: readonly ListedImport[], query: ListQuery): ShownOrder {
  const held = useRef({ pointer: false, focus: false });
  const shown = useRef<{ query: ListQuery; ids: readonly string[] } | null>(null);
  const [, drawAgain] = useState(0);
  const ids = matching.map(({ state }) => state.importId);
  const isHeld = held.current.pointer || held.current.focus;
  if (!isHeld || shown.current?.query !== query) shown.current = { query, ids };
  const standing = new Set(shown.current.ids);
  const draw = (): void => drawAgain((times) => times + 1);
  return {
    ids: shown.current.ids,
    fresh: ids.filter((id) => !standing.has(id)).length,
    hold: (by, isIn) => {
      if (held.current[by] === isIn) return;
      held.current[by] = isIn;
      draw();
    },
    arrange: () => {
      shown.current = null;
      draw();
    },
  };
}
