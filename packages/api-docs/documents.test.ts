import { readFileSync } from 'node:fs';
import { problemKinds } from '@tidings/contracts/codes.ts';
import { closingKinds } from '@tidings/contracts/notifications/closing.ts';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { documents } from './documents.ts';
import { openApiDocument, operationIdOf } from './openapi.ts';
import { docsPage } from './page.ts';
import { routes } from './routes.ts';
import { DocumentSchemas } from './schemas.ts';
import { shapeOf } from './shape.ts';
import { topicDescriptions } from './topics.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe.each(Object.entries(documents()))('docs/%s', (name, text) => {
  test('is what the schemas of contracts/ say: else run `npm run docs:api`', () => {
    expect(read(name)).toBe(text);
  });

  test('refers to nothing that is not there', () => {
    const document: unknown = JSON.parse(text);
    const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(5);
    for (const path of new Set(references)) {
      const names = path.split('/').map((part) => part.replaceAll('~1', '/'));
      const found = names.reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document);
      expect(found, path).toBeTypeOf('object');
      expect(Object.keys(found as object), path).not.toContain('$ref');
    }
  });
});

test('every operation has an id of its own', () => {
  const ids = routes.map(operationIdOf);
  expect(new Set(ids).size).toBe(ids.length);
});

// The files of rejected rows answered 400 to a language that is none, and no document said so.
test('every operation that takes a query may refuse it, and its parameters say what their schemas say', () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, { parameters: object[] }>> };
  for (const { method, path, query, problems } of routes) {
    if (query === undefined) continue;
    expect(problems, `${method} ${path}`).toContain('invalid_request');
    for (const [name, { description }] of Object.entries(query.shape as Record<string, z.ZodType>))
      expect(paths[path]?.[method]?.parameters).toContainEqual(
        expect.objectContaining({ in: 'query', name, ...(description !== undefined && { description }) }),
      );
  }
});

test('every topic says what its records hold: by a schema of the value, or of the headers beside a value that is no JSON', () => {
  const schemas = new DocumentSchemas();
  for (const [name, { value, headers }] of Object.entries(topicDescriptions)) {
    const shapes = [value, headers].flatMap((schema) => (schema ? [shapeOf(schemas.of(schema)).text] : []));
    expect(shapes, name).not.toEqual([]);
    for (const shape of shapes) expect(shape, name).toMatch(/[a-z]+\??: |#schema-/);
  }
});

describe('docs/protocol.md', () => {
  const [, problems = ''] = read('protocol.md').split('\n## Problems\n');
  const [problemTable = ''] = problems.split('\n## ');

  test('has every code of a problem, with its status and whether trying again helps', () => {
    const rows = [...problemTable.matchAll(/^\| (\d{3}) \| (.+?) \| (yes|no) \| .+ \|$/gm)];
    const said = rows.flatMap(([, status, codes = '', retriable]) =>
      [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code]) => [code, Number(status), retriable === 'yes']),
    );
    const known = Object.entries(problemKinds).map(([code, kind]) => [code, kind.status, kind.retriable]);
    expect(said.toSorted()).toEqual(known.toSorted());
  });

  test('has every code with which a hub ends a connection', () => {
    const [, ending = ''] = read('protocol.md').split('\n### The end of a connection\n');
    const [table = ''] = ending.split('\n- **');
    const said = [...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(said.toSorted()).toEqual(Object.keys(closingKinds).toSorted());
  });
});

describe('the page', () => {
  const page = docsPage();

  test('names every operation, every socket event and every topic, and links to places that are there', () => {
    for (const route of routes) expect(page).toContain(`<h3 id="${operationIdOf(route)}">`);
    for (const name of ['channel:open', 'server:closing', 'import-work.express'])
      expect(page).toContain(`<code>${name}</code>`);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids, id).toContain(id);
  });

  test('needs nothing from another host, and has neither script nor style in it', () => {
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.filter((address) => !/^(?:#|\/(?!\/))/.test(address ?? ''))).toEqual([]);
    expect(page).not.toMatch(/<script|<style|style=/);
  });
});
