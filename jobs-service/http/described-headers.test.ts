import { createServer } from 'node:http';
import { routes } from '@tidings/api-docs/routes.ts';
import { shareWithListed } from '@tidings/service-kit/http/origins.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import express from 'express';
import { expect, test } from 'vitest';

/** Every page may send them. */
const SAFE = ['accept', 'accept-language'];

// A page of another site could not go on with a broken upload: its browser was not told that it may send `Upload-Offset`.
test('a page of a listed origin may send every header that a route describes', async () => {
  const origin = 'https://shop.example';
  const server = createServer(express().use(shareWithListed(new Set([origin]))));
  const { url } = await startTestServer(server);
  const headers = { Origin: origin, 'Access-Control-Request-Method': 'PATCH' };
  const leave = await fetch(`${url}/`, { method: 'OPTIONS', headers });
  const sendable = (leave.headers.get('Access-Control-Allow-Headers') ?? '').toLowerCase().split(', ');
  const described = new Set(routes.flatMap((route) => Object.keys(route.headers ?? {})));
  expect(described.size).toBeGreaterThan(3);
  const missing = [...described].filter((name) => ![...SAFE, ...sendable].includes(name.toLowerCase()));
  expect(missing).toEqual([]);
});
