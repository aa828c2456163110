/** A failed test runs once more against the same services. What it names must be new then, or it fails for what its first try has left. */

let given = 0;

/** A name that nothing had before in this file's run: of a file, or of the domain of contacts. None is a part of another. */
export function freshName(name: string): string {
  given += 1;
  return `fresh-${given}.${name}`;
}
