import type { GroupItem, InstanceStatus, ServicesView } from '@tidings/contracts/services/services.ts';
import { describe, expect, it } from 'vitest';
import { countTroubles, isLate, LATE_MS, sortGroups } from './troubles.ts';

const at = '2026-03-14T09:26:53.000Z';
const ago = (milliseconds: number) => new Date(Date.parse(at) - milliseconds).toISOString();

function group(more: Partial<GroupItem> = {}): GroupItem {
  return {
    ...{ group: 'g', service: 'importer', topics: ['t'], members: 1, waiting: 3, oldestAt: ago(5) },
    ...more,
  };
}

function view(statuses: readonly InstanceStatus[], more: Partial<ServicesView> = {}): ServicesView {
  const instances = statuses.map((status) => ({
    ...{ instance: 'i', status, since: at, startedAt: at, checks: [] },
  }));
  return {
    at,
    services: [{ service: 'hub', instances }],
    engines: [],
    groups: [],
    oldestChunkAt: null,
    ...more,
  };
}

describe('what is to be looked at', () => {
  it('is a service of which a process is degraded or silent, or that no process reports', () => {
    expect(countTroubles(view(['ready', 'ready']))).toBe(0);
    expect(countTroubles(view(['ready', 'degraded']))).toBe(1);
    expect(countTroubles(view(['ready', 'silent', 'silent']))).toBe(1);
    expect(countTroubles(view([]))).toBe(1);
  });

  it('is the log alone where it is away, and not each service that cannot report', () => {
    const engines = [{ name: 'log' as const, ready: false, since: at }];
    expect(countTroubles(view(['unknown'], { engines, groups: null }))).toBe(1);
  });

  it('is a group whose oldest record waits for long, or for which nobody is there', () => {
    expect(isLate(group({ oldestAt: ago(LATE_MS) }), at)).toBe(false);
    expect(isLate(group({ oldestAt: ago(LATE_MS + 1) }), at)).toBe(true);
    expect(isLate(group({ members: 0 }), at)).toBe(true);
    expect(isLate(group({ members: 0, waiting: 0, oldestAt: null }), at)).toBe(false);
    expect(countTroubles(view(['ready'], { groups: [group(), group({ members: 0 })] }))).toBe(1);
  });
});

it('groups stand with the late ones first, then by what waits, then by name', () => {
  const sorted = sortGroups(
    [
      group({ group: 'b', waiting: 0 }),
      group({ group: 'a', waiting: 0 }),
      group({ group: 'much', waiting: 9 }),
      group({ group: 'late', members: 0 }),
    ],
    at,
  );
  expect(sorted.map((item) => item.group)).toEqual(['late', 'much', 'a', 'b']);
});
