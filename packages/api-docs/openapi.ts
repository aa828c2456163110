/** The OpenAPI document of the HTTP API. */
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { problemSchema } from '@tidings/contracts/schemas/http.ts';
import type { z } from 'zod';
import { type AnswerDescription, bearers, groups, type RouteDescription, type RouteGroup } from './route.ts';
import { routes } from './routes.ts';
import { DocumentSchemas, type JsonObject } from './schemas.ts';

/** What any route with a token may answer. */
const tokenProblems: readonly ProblemCode[] = [
  'token_missing',
  'token_invalid',
  'token_expired',
  'not_found',
  'rate_limited',
];
/** What any route may answer. */
const commonProblems: readonly ProblemCode[] = ['host_unknown', 'origin_forbidden', 'internal'];
/** Their routes pass over parameters that they do not know; any other route refuses them. */
const lenientGroups: readonly RouteGroup[] = ['Operators', 'Documents'];

export function openApiDocument(): JsonObject {
  const schemas = new DocumentSchemas();
  const paths: Record<string, JsonObject> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, schemas) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidings',
      version: '0.1.0',
      description:
        'Real-time notification of async jobs, and a contacts import. docs/protocol.md has the rules. Parameters that are not listed are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: groups.map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: Object.fromEntries(
        Object.entries(bearers).map(([name, description]) => [
          name,
          { type: 'http', scheme: 'bearer', description },
        ]),
      ),
    },
  };
}

export function operationIdOf({ method, path }: Pick<RouteDescription, 'method' | 'path'>): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function operationOf(route: RouteDescription, schemas: DocumentSchemas): JsonObject {
  const { summary, group, tokens, isOpen = false } = route;
  return {
    operationId: operationIdOf(route),
    tags: [group],
    summary,
    security: [...(isOpen || tokens.length === 0 ? [{}] : []), ...tokens.map((token) => ({ [token]: [] }))],
    parameters: parametersOf(route, schemas),
    ...(route.body && { requestBody: bodyOf(route.body, schemas) }),
    responses: { ...answersOf(route.answers, schemas), ...problemsOf(route, schemas) },
  };
}

function parametersOf(
  { path, query, headers = {} }: RouteDescription,
  schemas: DocumentSchemas,
): JsonObject[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const inQuery = Object.entries((query?.shape ?? {}) as Record<string, z.ZodType>).map(([name, schema]) => ({
    ...{ name, in: 'query', required: false, schema: schemas.of(schema) },
    ...(schema.description !== undefined && { description: schema.description }),
  }));
  const inHeaders = Object.entries(headers).map(([name, description]) => ({
    ...{ name, in: 'header', required: false, description, schema: { type: 'string' } },
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

const anyForm = {
  type: 'object',
  properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
  required: ['file'],
  additionalProperties: { type: 'string' },
} as const;

function bodyOf(body: NonNullable<RouteDescription['body']>, schemas: DocumentSchemas): JsonObject {
  // OpenAPI 3.1 has no schema for bytes.
  if ('type' in body) return { required: body.isRequired, content: { [body.type]: {} } };
  const { schema, isRequired, isForm = false, mayBeForm = false } = body;
  const json = schemas.of(schema);
  if (!isForm) {
    const form = mayBeForm ? { 'multipart/form-data': { schema: anyForm } } : {};
    return { required: isRequired, content: { 'application/json': { schema: json }, ...form } };
  }
  const properties = {
    ...(json.properties as JsonObject),
    file: { type: 'string', contentMediaType: 'text/csv' },
  };
  const form = { ...json, properties, required: ['file'] };
  return { required: isRequired, content: { 'multipart/form-data': { schema: form } } };
}

function answersOf(answers: RouteDescription['answers'], schemas: DocumentSchemas): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, schemas)]),
  );
}

function answerOf(
  { description, schema, type, headers }: AnswerDescription,
  schemas: DocumentSchemas,
): JsonObject {
  const content = {
    ...(schema && { 'application/json': { schema: schemas.of(schema) } }),
    ...(type !== undefined && { [type]: { schema: { type: 'string' } } }),
  };
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: 'string' } },
        ]),
      ),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** Problems by status; the description names their codes. */
function problemsOf(
  { group, tokens, problems = [], answers }: RouteDescription,
  schemas: DocumentSchemas,
): JsonObject {
  const codes = new Set([
    ...problems,
    ...(lenientGroups.includes(group) ? [] : ['invalid_request' as const]),
    ...(tokens.length > 0 ? tokenProblems : []),
    ...commonProblems,
  ]);
  const statuses = [...new Set(Array.from(codes, (code) => problemKinds[code].status))].filter(
    (status) => !(status in answers),
  );
  return Object.fromEntries(
    statuses
      .toSorted((one, other) => one - other)
      .map((status) => {
        const named = [...codes].filter((code) => problemKinds[code].status === status);
        const content = { 'application/problem+json': { schema: schemas.of(problemSchema) } };
        return [
          status,
          {
            description: named.map((code) => `\`${code}\`: ${problemKinds[code].title}`).join('. '),
            content,
          },
        ];
      }),
  );
}
