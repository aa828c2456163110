import { z } from 'zod';
import {
  type EngineItem,
  engineNames,
  type GroupItem,
  instanceStatuses,
  reportedServices,
  type ServiceCheck,
  type ServiceInstance,
  type ServiceItem,
  type ServiceReport,
  type ServicesView,
} from '../../services/services.ts';
import { schemaOf } from '../values/schema-of.ts';

const time = z.iso.datetime();
const count = z.int().min(0);
const service = z.enum(reportedServices);

const serviceCheckSchema = schemaOf<ServiceCheck>()(
  z.object({ name: z.string(), ready: z.boolean(), since: time, reason: z.string().optional() }),
);

export const serviceReportSchema = schemaOf<ServiceReport>()(
  z.object({
    service,
    instance: z.string(),
    startedAt: time,
    stopping: z.boolean(),
    checks: z.array(serviceCheckSchema),
  }),
);

const serviceItemSchema = schemaOf<ServiceItem>()(
  z.object({
    service,
    instances: z.array(
      schemaOf<ServiceInstance>()(
        z.object({
          instance: z.string(),
          status: z.enum(instanceStatuses),
          since: time,
          startedAt: time,
          checks: z.array(serviceCheckSchema),
        }),
      ),
    ),
  }),
);

const engineItemSchema = schemaOf<EngineItem>()(
  z.object({ name: z.enum(engineNames), ready: z.boolean(), since: time, reason: z.string().optional() }),
);

const groupItemSchema = schemaOf<GroupItem>()(
  z.object({
    group: z.string(),
    service,
    topics: z.array(z.string()),
    members: count,
    waiting: count,
    oldestAt: time.nullable(),
  }),
);

export const servicesViewSchema = schemaOf<ServicesView>()(
  z.object({
    at: time,
    services: z.array(serviceItemSchema),
    engines: z.array(engineItemSchema),
    groups: z.array(groupItemSchema).nullable().describe('null where the log does not tell it now.'),
    oldestChunkAt: time
      .nullable()
      .describe('When the oldest chunk was appended that no importer has behind it.'),
  }),
);
