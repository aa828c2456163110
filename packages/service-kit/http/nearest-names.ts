/** Finds the names that a wrong one was meant for. */
import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';

/** Letters of a name that are compared, at most. */
const MAX_COMPARED = 60;

/** The names that are most like this one, the nearest first; a mistake in a mapping is mended by one of them. */
export function nearestNames(name: string, names: readonly string[], count = 3): string[] {
  const folded = compared(name);
  return names
    .filter((other) => other.trim() !== '')
    .map((other) => ({ other, distance: distanceBetween(folded, compared(other)) }))
    .sort((one, two) => one.distance - two.distance)
    .slice(0, count)
    .map(({ other }) => other);
}

function compared(name: string): string {
  return foldColumnName(name).slice(0, MAX_COMPARED);
}

/** Levenshtein's distance, in shares of the longer text; nothing where one holds the other. */
function distanceBetween(one: string, other: string): number {
  if (one !== '' && other !== '' && (one.includes(other) || other.includes(one))) return 0;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let a = 1; a <= one.length; a++) {
    const next = [a];
    for (let b = 1; b <= other.length; b++) {
      const replaced = (row[b - 1] ?? 0) + (one[a - 1] === other[b - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[b] ?? 0) + 1, (next[b - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[other.length] ?? 0) / Math.max(one.length, other.length, 1);
}
