import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';

/**
 * The names by which a mapping speaks of the columns of a file. The second column of a name, and each further one, has a number behind it
 * (`E-mail 2`); a number that another column's own name has is passed over. Columns without a name have none.
 */
export function mappingNames(header: readonly string[]): string[] {
  const taken = new Set(header.map(foldColumnName));
  const counts = new Map<string, number>();
  return header.map((name) => {
    const folded = foldColumnName(name);
    let number = (counts.get(folded) ?? 0) + 1;
    let own = name;
    if (number > 1 && folded !== '') {
      for (own = numbered(name, number); taken.has(foldColumnName(own)); own = numbered(name, number))
        number += 1;
      taken.add(foldColumnName(own));
    }
    counts.set(folded, number);
    return own;
  });
}

function numbered(name: string, number: number): string {
  return `${name.trim()} ${number}`;
}
