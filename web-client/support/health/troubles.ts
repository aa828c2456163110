/** What of the services, engines and groups somebody should look at. Pure. */
import type { GroupItem, ServiceItem, ServicesView } from '@tidings/contracts/services/services.ts';

/** Milliseconds for which records may wait for a group that has members: a chunk that failed waits a minute for its attempt. */
export const LATE_MS = 120_000;

/** A group is late where its oldest record waits for long, or where it waits and nobody is in the group. */
export function isLate({ members, waiting, oldestAt }: GroupItem, at: string): boolean {
  if (waiting === 0 || oldestAt === null) return false;
  return members === 0 || Date.parse(at) - Date.parse(oldestAt) > LATE_MS;
}

export function isServiceWell({ instances }: ServiceItem): boolean {
  return instances.length > 0 && instances.every(({ status }) => status === 'ready' || status === 'unknown');
}

/** How many services, engines and groups there are to look at. */
export function countTroubles({ at, services, engines, groups }: ServicesView): number {
  return [
    ...services.filter((service) => !isServiceWell(service)),
    ...engines.filter(({ ready }) => !ready),
    ...(groups ?? []).filter((group) => isLate(group, at)),
  ].length;
}

/** Milliseconds that this clock is ahead of the server's: what the server tells is added to them. */
export function clockShift({ at }: ServicesView, receivedAt: number): number {
  return receivedAt - Date.parse(at);
}

/** Late ones first, then those for which most waits, then by name. */
export function sortGroups(groups: readonly GroupItem[], at: string): GroupItem[] {
  return groups.toSorted(
    (one, other) =>
      Number(isLate(other, at)) - Number(isLate(one, at)) ||
      other.waiting - one.waiting ||
      (one.group < other.group ? -1 : 1),
  );
}
