/** What an owner has set for the imports to come. */
import { ownerSettingsSchema, putSettingsBodySchema } from '@tidings/contracts/schemas/owners/settings.ts';
import type { RouteDescription } from '../route.ts';

const answers = {
  200: {
    description: 'The settings of the owner.',
    schema: ownerSettingsSchema,
    headers: { ETag: 'The version of the settings, for `If-Match`.' },
  },
};
const common = {
  group: 'Imports',
  path: '/settings',
  tokens: ['channelToken'],
  answers,
} as const;

export const settingsRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'get' },
    summary: 'What uploads begin with, and what they do to contacts that are there already.',
  },
  {
    ...{ ...common, method: 'put' },
    summary: 'Changes it for the uploads to come; what is left out stays as it is.',
    body: { schema: putSettingsBodySchema, isRequired: true },
    headers: { 'If-Match': '`ETag` of the version that is changed; without it any.' },
    problems: ['invalid_request', 'request_too_large', 'precondition_failed', 'unavailable'],
  },
];
