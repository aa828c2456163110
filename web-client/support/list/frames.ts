export interface FrameGatherer<Item> {
  add(items: readonly Item[]): void;
  /** Drops what was gathered since the last frame. */
  stop(): void;
}

/** Hands over what was added since the last frame, once per frame of the browser. */
export function gatherByFrame<Item>(take: (items: readonly Item[]) => void): FrameGatherer<Item> {
  let waiting: Item[] = [];
  let handle = 0;
  return {
    add: (items) => {
      waiting.push(...items);
      if (handle !== 0 || waiting.length === 0) return;
      handle = requestAnimationFrame(() => {
        handle = 0;
        const gathered = waiting;
        waiting = [];
        take(gathered);
      });
    },
    stop: () => cancelAnimationFrame(handle),
  };
}
