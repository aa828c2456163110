/** Items that wait for a frame, at most: a tab that nobody sees has no frames. */
const MOST_WAITING = 1_000;

export interface FrameGatherer<Item> {
  add(items: readonly Item[]): void;
  /** Drops what was gathered since the last frame. */
  stop(): void;
}

/** Hands over what was added since the last frame, once per frame of the browser, or as soon as it is much. */
export function gatherByFrame<Item>(take: (items: readonly Item[]) => void): FrameGatherer<Item> {
  let waiting: Item[] = [];
  let handle = 0;
  const handOver = (): void => {
    cancelAnimationFrame(handle);
    handle = 0;
    const gathered = waiting;
    waiting = [];
    take(gathered);
  };
  return {
    add: (items) => {
      waiting.push(...items);
      if (waiting.length >= MOST_WAITING) handOver();
      else if (handle === 0 && waiting.length > 0) handle = requestAnimationFrame(handOver);
    },
    stop: () => cancelAnimationFrame(handle),
  };
}
