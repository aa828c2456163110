import { describe, expect, test } from 'vitest';
import { checkRequestSettings, readRequestSettings } from './request-settings.ts';

const methodsOf = (methods: object) => JSON.stringify({ services: { reports: { methods } } });
const mistakesIn = (text: string) => checkRequestSettings({ REQUESTS: text });

describe('the settings of requests', () => {
  test('name each method with its lane, its time and its bounds', () => {
    const text = methodsOf({
      create: { lane: 'heavy', timeoutMs: 5_000, maxFileBytes: 0, perMinute: 3 },
      list: {},
    });
    expect(mistakesIn(text)).toEqual([]);
    const reports = readRequestSettings(text).get('reports');
    expect(reports?.get('create')).toMatchObject({
      ...{ lane: 'heavy', timeoutMs: 5_000, maxBodyBytes: 262_144, maxFileBytes: 0, perMinute: 3 },
    });
    expect(reports?.get('list')).toMatchObject({ lane: 'normal', timeoutMs: 60_000, perMinute: null });
    expect(reports?.get('list')?.refuses({ any: 'thing' })).toBeNull();
  });

  test('know no service where there is no file', () => {
    expect(checkRequestSettings({})).toEqual([]);
    expect(readRequestSettings(undefined).size).toBe(0);
  });

  test.each<[string, string, RegExp[]]>([
    ['no JSON', '{', [/^REQUESTS_FILE: is no JSON/]],
    ['no services', '{}', [/^REQUESTS_FILE: services: /]],
    [
      'an unknown lane',
      methodsOf({ create: { lane: 'express' } }),
      [/services\.reports\.methods\.create\.lane: /],
    ],
    ['a time that is too long', methodsOf({ create: { timeoutMs: 1e9 } }), [/create\.timeoutMs: /]],
    ['a word that is not known', methodsOf({ create: { timeout: 5 } }), [/methods\.create: .*"timeout"/]],
    [
      'a method that is an address of workers',
      methodsOf({ take: {} }),
      [/methods\.take: the name must not be take/],
    ],
    ['a name with a blank', methodsOf({ 'a b': {} }), [/methods\.a b: the name must be 1 to 50/]],
    [
      'a schema that is none',
      methodsOf({ create: { schema: { type: 'text' } } }),
      [/create\.schema: .*type/],
    ],
    [
      'a misspelled word of a schema',
      methodsOf({ create: { schema: { require: [] } } }),
      [/create\.schema: .*require/],
    ],
    [
      'several mistakes',
      methodsOf({ a: { lane: 'x' }, b: { perMinute: 0 } }),
      [/methods\.a\.lane/, /methods\.b\.perMinute/],
    ],
    [
      'mistakes in two schemas',
      methodsOf({ a: { schema: { type: 'x' } }, b: { schema: { minimum: 'x' } } }),
      [/methods\.a\.schema/, /methods\.b\.schema/],
    ],
  ])('with %s are refused, and every mistake is named with its place', (_name, text, patterns) => {
    const mistakes = mistakesIn(text);
    expect(mistakes).toHaveLength(patterns.length);
    for (const [index, pattern] of patterns.entries()) expect(mistakes[index]).toMatch(pattern);
  });
});

describe('a schema', () => {
  const schema = {
    type: 'object',
    required: ['month'],
    additionalProperties: false,
    properties: { month: { type: 'string' }, 'a/b': { type: 'array', items: { type: 'integer' } } },
  };
  const create = readRequestSettings(methodsOf({ create: { schema } }))
    .get('reports')
    ?.get('create');

  test.each<[unknown, string]>([
    [{}, 'month'],
    [{ month: 11 }, 'month'],
    [{ month: 'May', 'a/b': [1, 'two'] }, 'a/b.1'],
    [{ month: 'May', more: 1 }, 'more'],
    [[], ''],
  ])('refuses %j, and names the place', (value, field) => {
    expect(create?.refuses(value)).toMatchObject({ field, reason: expect.any(String) });
  });

  test('takes what fits', () => {
    expect(create?.refuses({ month: 'May', 'a/b': [1, 2] })).toBeNull();
  });

  test('that refers to itself refuses what is nested deeper than the stack', () => {
    const nested = {
      $defs: { list: { type: 'array', items: { $ref: '#/$defs/list' } } },
      $ref: '#/$defs/list',
    };
    const method = readRequestSettings(methodsOf({ create: { schema: nested } }))
      .get('reports')
      ?.get('create');
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(method?.refuses(deep)).toMatchObject({ reason: 'is nested too deeply' });
    expect(method?.refuses([[], [[]]])).toBeNull();
  });
});
