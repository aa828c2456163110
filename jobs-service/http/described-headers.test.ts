import { createServer } from 'node:http';
import { routes } from '@tidings/api-docs/routes.ts';
import { close, listen } from '@tidings/service-kit/http/http-server.ts';
import { shareWithListed } from '@tidings/service-kit/http/origins.ts';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';

/** Every page may send them. */
const SAFE = ['accept', 'accept-language'];

// A page of another site could not go on with a broken upload: its browser was not told that it may send `Upload-Offset`.
test('a page of a listed origin may send every header that a route describes', async () => {
  const origin = 'https://shop.example';
  const server = createServer(express().use(shareWithListed(new Set([origin]))));
  const port = await listen(server, 0, '127.0.0.1');
  onTestFinished(() => close(server, 0));
  const headers = { Origin: origin, 'Access-Control-Request-Method': 'PATCH' };
  const leave = await fetch(`http://127.0.0.1:${port}/`, { method: 'OPTIONS', headers });
  const sendable = (leave.headers.get('Access-Control-Allow-Headers') ?? '').toLowerCase().split(', ');
  const described = new Set(routes.flatMap((route) => Object.keys(route.headers ?? {})));
  expect(described.size).toBeGreaterThan(3);
  const missing = [...described].filter((name) => ![...SAFE, ...sendable].includes(name.toLowerCase()));
  expect(missing).toEqual([]);
});
