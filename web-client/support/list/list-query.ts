/** What support's list is asked for, as it stands in the address. Pure. */
import { endedStatuses, type ImportStatus, importStatuses } from '@tidings/contracts/imports/import.ts';

export const listFilters = [
  'all',
  'running',
  'waiting',
  'look',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'undone',
  'sums_differ',
] as const;
export type ListFilter = (typeof listFilters)[number];

export interface ListQuery {
  readonly filter: ListFilter;
  /** A part of the file name or of the id; '' for any. */
  readonly q: string;
  /** '' for any. */
  readonly owner: string;
}

/** Characters of either text, at most: the server takes no more. */
const MAX_TEXT = 200;

export const runningStatuses: readonly ImportStatus[] = importStatuses.filter(
  (status) => !endedStatuses.has(status),
);

export function readQuery(search: string): ListQuery {
  const given = new URLSearchParams(search);
  const text = (name: string) => (given.get(name) ?? '').slice(0, MAX_TEXT).trim();
  const filter = listFilters.find((name) => name === given.get('status')) ?? 'all';
  return { filter, q: text('q'), owner: text('owner') };
}

/** The address of the list with this query; what is not asked for is not in it. */
export function listAddress({ filter, q, owner }: Partial<ListQuery>): string {
  const asked = new URLSearchParams();
  if (filter !== undefined && filter !== 'all') asked.set('status', filter);
  if (q !== undefined && q !== '') asked.set('q', q);
  if (owner !== undefined && owner !== '') asked.set('owner', owner);
  return asked.size === 0 ? '/support' : `/support?${asked}`;
}

/** The statuses that the server is asked for; undefined for any. What it cannot tell apart, the page does. */
export function statusesOf(filter: ListFilter): readonly ImportStatus[] | undefined {
  switch (filter) {
    case 'all':
    case 'sums_differ':
      return undefined;
    case 'running':
    case 'waiting':
      return runningStatuses;
    case 'look':
      return ['failed', 'completed_with_errors'];
    default:
      return [filter];
  }
}
