/** What is chosen at random, always from numbers of a seed. */

/** Numbers from 0 to below 1. */
export type Random = () => number;

/** A whole number, both bounds included. */
export function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('There is nothing to choose from.');
  return item;
}

/** @param weights positive numbers by item */
export function weighted<Item>(random: Random, weights: readonly (readonly [Item, number])[]): Item {
  let left = random() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of weights) {
    left -= weight;
    if (left < 0) return item;
  }
  throw new RangeError('There is nothing to choose from.');
}
