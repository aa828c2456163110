/** The pages about services and about the audit, in every state. */
import type {
  GroupItem,
  ServiceCheck,
  ServiceInstance,
  ServiceName,
  ServicesView,
} from '@tidings/contracts/services/services.ts';
import { readingGroups } from '@tidings/contracts/topics.ts';
import '../support/support.css';
import type { AuditItem } from '@tidings/contracts/services/support.ts';
import { networkProblem } from '../shell/services/explain.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import { AuditList } from '../support/audit/audit-list.tsx';
import { readAuditQuery } from '../support/audit/audit-query.ts';
import { now } from '../support/clock.ts';
import { ServicesPage } from '../support/health/services-page.tsx';
import type { KnownServices } from '../support/health/use-services.ts';
import { SupportNav } from '../support/support-nav.tsx';
import { FIXTURE_TIME } from '../test/sample-states.ts';
import { nothing, type PageStates } from './samples.tsx';

const at = (milliseconds: number): string => new Date(FIXTURE_TIME + milliseconds).toISOString();
const answers = (name: string): ServiceCheck => ({ name, ready: true, since: at(-7_200_000) });

function instance(host: string, more: Partial<ServiceInstance> = {}): ServiceInstance {
  return {
    ...{ instance: `${host}:4711`, status: 'ready', since: at(-7_200_000), startedAt: at(-7_200_000) },
    checks: [answers('log')],
    ...more,
  };
}

const groups: GroupItem[] = readingGroups.map(({ group, service, topics }) => ({
  ...{ group, service, topics: [...topics], members: 2, waiting: 0, oldestAt: null },
}));

function view(more: Partial<ServicesView> = {}): ServicesView {
  const service = (name: ServiceName, ...instances: ServiceInstance[]) => ({ service: name, instances });
  return {
    at: at(90_000),
    services: [
      service('hub', instance('nordwind-1'), instance('nordwind-2')),
      service('jobs-service', instance('nordwind-1')),
      service('importer', instance('nordwind-1'), instance('nordwind-2')),
      service('aggregator', instance('nordwind-1')),
      service('reference-data', instance('nordwind-1')),
      service('webhooks', instance('nordwind-1')),
    ],
    engines: (['log', 'contacts', 'redis'] as const).map((name) => ({ ...answers(name), name })),
    groups: groups.map((item) =>
      item.group === 'importer.bulk' ? { ...item, waiting: 1_204, oldestAt: at(82_000) } : item,
    ),
    oldestChunkAt: at(82_000),
    ...more,
  };
}

export const sampleServices: KnownServices = { view: view(), shift: 0, readAt: FIXTURE_TIME + 90_000 };

/** Nothing runs. */
export const quietServices: KnownServices = {
  ...sampleServices,
  view: view({ groups, oldestChunkAt: null }),
};

const away = { ready: false, since: at(-180_000), reason: 'connect ECONNREFUSED 10.0.0.7:6379' };
const degraded = view({
  services: view().services.map((item) => {
    if (item.service === 'hub') {
      const checks = [answers('log'), { name: 'redis', ...away }];
      const [one = instance('nordwind-1')] = item.instances;
      return {
        ...item,
        instances: [
          { ...one, status: 'degraded' as const, since: away.since, checks },
          instance('nordwind-2', { status: 'silent', since: at(-40_000) }),
        ],
      };
    }
    return item.service === 'webhooks' ? { ...item, instances: [] } : item;
  }),
  engines: [
    { ...answers('log'), name: 'log' },
    { ...answers('contacts'), name: 'contacts' },
    { name: 'redis', ...away },
  ],
  groups: groups.map((item) =>
    item.service === 'webhooks' ? { ...item, members: 0, waiting: 12, oldestAt: at(-600_000) } : item,
  ),
});
const logAway = view({
  engines: [
    { name: 'log', ready: false, since: at(30_000), reason: 'no answer within 2000 ms' },
    { ...answers('contacts'), name: 'contacts' },
  ],
  services: view().services.map(({ service, instances }) => ({
    service,
    instances: instances.map((one) => ({ ...one, status: 'unknown' as const, since: at(30_000) })),
  })),
  groups: null,
  oldestChunkAt: null,
});

function services(shown: ServicesView | null, problem: PageProblem | null = null) {
  now.value = FIXTURE_TIME + 90_000;
  return (
    <>
      <SupportNav place="/services" onLeave={nothing} />
      <ServicesPage known={shown === null ? null : { ...sampleServices, view: shown }} problem={problem} />
    </>
  );
}

const entries: AuditItem[] = [
  {
    ...{ at: at(60_000), who: 'support', action: 'requeue', chunk: 15 },
    target: 'importer.bulk import-work.bulk/3/17',
    importId: '01958f2a-7c11-7d3e-9a54-2f6b1c0d8e90',
    reason: 'The database was away; Mira, ticket 4711',
  },
  { at: at(-3_600_000), who: 'support', action: 'erase', target: 'owner/noor@nordwind.example', reason: '' },
  {
    ...{ at: at(-90_000_000), who: 'owner', action: 'retry', reason: 'Once more, please' },
    target: 'importer.express import-work.express/0/3',
  },
  {
    at: at(-190_000_000),
    who: 'support',
    action: 'change_country',
    target: 'country/XK',
    reason: 'New name',
  },
];

function audit(items: readonly AuditItem[], search = '') {
  now.value = FIXTURE_TIME + 90_000;
  return (
    <>
      <SupportNav place="/audit" onLeave={nothing} />
      <AuditList
        items={items}
        hasMore={items.length > 0}
        problem={null}
        query={readAuditQuery(search)}
        onQuery={nothing}
        onOlder={nothing}
      />
    </>
  );
}

export const servicesPageStates: PageStates = {
  'services-well': () => services(view()),
  'services-degraded': () => services(degraded),
  'services-log-away': () => services(logAway),
  'services-unanswered': () => services(view(), networkProblem()),
  'audit-full': () => audit(entries),
  'audit-none-found': () => audit([], '?q=nobody&who=owner'),
};
