/** Every route of the HTTP API. A test compares them with those that running services have. */
import type { RouteDescription } from './route.ts';
import { channelRoutes } from './routes/channels.ts';
import { contactRoutes } from './routes/contacts.ts';
import { importRoutes } from './routes/imports.ts';
import { referenceRoutes } from './routes/reference.ts';
import { requestRoutes } from './routes/requests.ts';
import { settingsRoutes } from './routes/settings.ts';
import { documentRoutes, operatorRoutes, supportRoutes } from './routes/support.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export const routes: readonly RouteDescription[] = [
  ...channelRoutes,
  ...importRoutes,
  ...settingsRoutes,
  ...contactRoutes,
  ...requestRoutes,
  ...referenceRoutes,
  ...webhookRoutes,
  ...supportRoutes,
  ...operatorRoutes,
  ...documentRoutes,
];
