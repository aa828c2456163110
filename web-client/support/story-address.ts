/** Where the story of an import is told. */
export function storyAddress(importId: string): string {
  return `/support/imports/${encodeURIComponent(importId)}`;
}
