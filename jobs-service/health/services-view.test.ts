import { type ServiceReport, SILENT_AFTER_MS } from '@tidings/contracts/services/services.ts';
import { consumerGroups } from '@tidings/contracts/topics.ts';
import { describe, expect, test } from 'vitest';
import { servicesView } from './services-view.ts';

const NOW = Date.parse('2026-03-14T09:26:53.000Z');
const ago = (milliseconds: number) => new Date(NOW - milliseconds).toISOString();
const HOUR = 3_600_000;

function report(more: Partial<ServiceReport> = {}): ServiceReport {
  return {
    ...{ service: 'hub', instance: 'nordwind-1:4711', startedAt: ago(2 * HOUR), stopping: false },
    checks: [{ name: 'log', ready: true, since: ago(2 * HOUR) }],
    ...more,
  };
}

const own = (ready: boolean, since: string) => [
  report({ service: 'jobs-service', instance: 'nordwind-2:1', checks: [{ name: 'log', ready, since }] }),
];
const of = (view: ReturnType<typeof servicesView>, service: string) =>
  view.services.find((item) => item.service === service)?.instances ?? [];

describe('a service', () => {
  test('is listed also where no process reports it', () => {
    const view = servicesView({ now: NOW, own: [], heard: [], groups: [] });
    expect(view.services.map(({ service, instances }) => [service, instances.length])).toEqual([
      ...[
        ['hub', 0],
        ['jobs-service', 0],
        ['importer', 0],
      ],
      ...[
        ['aggregator', 0],
        ['reference-data', 0],
        ['webhooks', 0],
      ],
    ]);
  });

  test('is degraded since the first of its failing checks failed', () => {
    const checks = [
      { name: 'log', ready: true, since: ago(2 * HOUR) },
      { name: 'redis', ready: false, since: ago(60_000), reason: 'away' },
      { name: 'notifications', ready: false, since: ago(50_000), reason: 'late' },
    ];
    const view = servicesView({
      now: NOW,
      own: [],
      heard: [{ report: report({ checks }), heardAt: NOW }],
      groups: [],
    });
    expect(of(view, 'hub')).toMatchObject([{ status: 'degraded', since: ago(60_000) }]);
    expect(view.engines).toEqual([{ name: 'redis', ready: false, since: ago(60_000), reason: 'away' }]);
  });

  test('is silent once its reports are missing, since the last of them, and tells of no engine any more', () => {
    const checks = [{ name: 'redis', ready: true, since: ago(HOUR) }];
    const seen = (heardAt: number) =>
      servicesView({
        ...{ now: NOW, own: own(true, ago(HOUR)), groups: [] },
        heard: [{ report: report({ checks }), heardAt }],
      });
    expect(of(seen(NOW - SILENT_AFTER_MS), 'hub')).toMatchObject([{ status: 'ready', since: ago(HOUR) }]);
    const silent = seen(NOW - SILENT_AFTER_MS - 1);
    expect(of(silent, 'hub')).toMatchObject([{ status: 'silent', since: ago(SILENT_AFTER_MS + 1) }]);
    expect(silent.engines.map(({ name }) => name)).toEqual(['log']);
  });

  // Services report by the log: while the log alone was away, every service would be called silent.
  test('is not known while the log is away, and has its time again when that is back', () => {
    const heard = [{ report: report(), heardAt: NOW - HOUR }];
    const away = servicesView({ now: NOW, own: own(false, ago(HOUR - 9)), heard, groups: null });
    expect(of(away, 'hub')).toMatchObject([{ status: 'unknown', since: ago(HOUR - 9) }]);
    expect(of(away, 'jobs-service')).toMatchObject([{ status: 'degraded' }]);
    expect(away.groups).toBeNull();
    const back = servicesView({ now: NOW, own: own(true, ago(5_000)), heard, groups: [] });
    expect(of(back, 'hub')).toMatchObject([{ status: 'ready' }]);
    const later = servicesView({ now: NOW, own: own(true, ago(SILENT_AFTER_MS + 1)), heard, groups: [] });
    expect(of(later, 'hub')).toMatchObject([{ status: 'silent' }]);
  });

  test('of this process is as it was found now, whatever it has reported before', () => {
    const [mine] = own(true, ago(HOUR));
    const before = report({ ...mine, checks: [{ name: 'log', ready: false, since: ago(9_000) }] });
    const view = servicesView({
      ...{ now: NOW, own: own(true, ago(HOUR)), groups: [] },
      heard: [{ report: before, heardAt: NOW }],
    });
    expect(of(view, 'jobs-service')).toMatchObject([{ status: 'ready' }]);
  });
});

test('the oldest chunk is that of any group of importers, and of no other group', () => {
  const group = (name: string, oldestAt: string | null) => ({
    ...{ group: name, service: 'importer' as const, topics: [], members: 1, waiting: 1, oldestAt },
  });
  const view = servicesView({
    ...{ now: NOW, own: [], heard: [] },
    groups: [
      group(consumerGroups.expressWork, ago(2_000)),
      group(`${consumerGroups.bulkWork}.retry`, ago(9_000)),
      group(consumerGroups.bulkWork, null),
      group(consumerGroups.aggregator, ago(90_000)),
    ],
  });
  expect(view.oldestChunkAt).toBe(ago(9_000));
});
