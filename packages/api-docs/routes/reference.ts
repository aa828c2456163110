/** The countries that imports go by. */
import { pageSchema } from '@tidings/contracts/schemas/http.ts';
import {
  countryItemSchema,
  countryWithHistorySchema,
  listCountriesQuerySchema,
  putCountryBodySchema,
} from '@tidings/contracts/schemas/reference.ts';
import { reasonBodySchema } from '@tidings/contracts/schemas/services/support.ts';
import type { RouteDescription } from '../route.ts';

const etag = { ETag: 'The version of the country, for `If-Match`.' } as const;
const country = { description: 'The country.', schema: countryItemSchema, headers: etag };
const common = {
  group: 'Reference',
  problems: ['invalid_request', 'unavailable'],
} as const;
const ifMatch = { 'If-Match': '`ETag` of the version that is changed.' } as const;

export const referenceRoutes: readonly RouteDescription[] = [
  {
    ...{ ...common, method: 'get', path: '/reference/countries' },
    summary: 'The countries that imports know.',
    tokens: ['channelToken', 'supportToken'],
    query: listCountriesQuerySchema,
    answers: { 200: { description: 'By code, all in one page.', schema: pageSchema(countryItemSchema) } },
  },
  {
    ...{ ...common, method: 'get', path: '/reference/countries/{code}' },
    summary: 'One country; for support with its last 20 changes.',
    tokens: ['channelToken', 'supportToken'],
    answers: { 200: { ...country, schema: countryWithHistorySchema } },
  },
  {
    ...{ ...common, method: 'put', path: '/reference/countries/{code}' },
    summary: 'Changes a country, or adds one: it counts for the next row of every import.',
    tokens: ['supportToken'],
    headers: { ...ifMatch, 'If-None-Match': '`*`: there must be no such country.' },
    body: { schema: putCountryBodySchema, isRequired: true },
    answers: { 200: country, 201: { ...country, description: 'The country is new.' } },
    problems: [
      ...common.problems,
      'precondition_required',
      'precondition_failed',
      'state_conflict',
      'request_too_large',
    ],
  },
  {
    ...{ ...common, method: 'delete', path: '/reference/countries/{code}' },
    summary: "Takes people's changes back to the seed, or removes what the seed does not know.",
    tokens: ['supportToken'],
    headers: ifMatch,
    body: { schema: reasonBodySchema.partial(), isRequired: false },
    answers: { 200: country, 204: { description: 'The seed does not know it: it is gone.' } },
    problems: [...common.problems, 'precondition_required', 'precondition_failed', 'state_conflict'],
  },
];
