/** Whether an `If-Match` names the version, or takes any. A weak tag names none. */
export function namesVersion(match: string, version: string): boolean {
  const tags = match.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(`"${version}"`);
}
