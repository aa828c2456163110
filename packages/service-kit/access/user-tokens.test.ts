import type { webcrypto } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLogin, type Login } from './user-tokens.ts';

const secret = 'u'.repeat(32);
const claims = { sub: 'mira', aud: 'tidings', iss: 'https://login.example' };
const checked = { userJwtAudience: claims.aud, userJwtIssuer: claims.iss };
const hour = 3_600;
const now = () => Math.floor(Date.now() / 1000);

type Claims = Readonly<Record<string, unknown>>;

function sign(
  changed: Claims = {},
  key: Uint8Array | webcrypto.CryptoKey = new TextEncoder().encode(secret),
  header = {},
) {
  const all = { ...claims, iat: now(), exp: now() + hour, ...changed };
  const alg = key instanceof Uint8Array ? 'HS256' : 'ES256';
  return new SignJWT(all).setProtectedHeader({ alg, ...header }).sign(key);
}

function login(settings: Parameters<typeof createLogin>[0]): Login {
  const made = createLogin(settings);
  if (made === null) throw new Error('no login');
  return made;
}

describe('a login with a secret', () => {
  const byName = login({ userJwtSecret: secret, ...checked });

  test('names the owner, and the end of its token', async () => {
    const at = now();
    expect(await byName.verify(await sign({ iat: at, exp: at + hour }))).toMatchObject({
      owner: 'mira',
      endsAt: (at + hour) * 1000,
    });
    const long = await sign({ aud: ['other', 'tidings'], iat: at, exp: at + 90 * 24 * hour });
    expect((await byName.verify(long)).endsAt).toBe((at + 24 * hour) * 1000);
  });

  test.each<[string, string, Claims]>([
    ['for somebody else', 'token_invalid', { aud: 'another-service' }],
    ['for nobody', 'token_invalid', { aud: undefined }],
    ['of another login', 'token_invalid', { iss: 'https://login.example.evil' }],
    ['of no login', 'token_invalid', { iss: undefined }],
    ['without an end', 'token_invalid', { exp: undefined }],
    ['without a beginning', 'token_invalid', { iat: undefined }],
    ['that has ended', 'token_expired', { exp: now() - 60 }],
    ['older than a day', 'token_expired', { iat: now() - 25 * hour }],
    ['from the future', 'token_invalid', { iat: now() + hour }],
    ['not valid yet', 'token_invalid', { nbf: now() + hour }],
    ['without a subject', 'token_invalid', { sub: undefined }],
    ['of the owner that everyone is without a login', 'token_invalid', { sub: 'default' }],
    ['of a number', 'token_invalid', { sub: 7 }],
    ['of an empty name', 'token_invalid', { sub: '' }],
    ['of a name with NUL', 'token_invalid', { sub: 'mi\0ra' }],
    ['of a name with a newline', 'token_invalid', { sub: 'mira\n' }],
    ['of a name with a format character', 'token_invalid', { sub: 'mi\u202Era' }],
    ['of a name with half a surrogate pair', 'token_invalid', { sub: 'mira\uD83D' }],
    ['of a name that is too long', 'token_invalid', { sub: 'm'.repeat(256) }],
  ])('refuses a token %s', async (_name, code, changed) => {
    await expect(byName.verify(await sign(changed))).rejects.toMatchObject({ code });
  });

  test.each([
    'm'.repeat(255),
    'Мира Ø’Neil',
    'auth0|5f7c8ec7c33c6c004bbafe82',
    'mira+x@example.org',
    '👩‍💻'.slice(0, 2),
    '\u{1f600}'.repeat(255),
  ])('takes %s for a name', async (sub) => {
    expect(await byName.verify(await sign({ sub }))).toMatchObject({ owner: sub });
  });

  test('checks audience and issuer only where they are set', async () => {
    const any = login({ userJwtSecret: secret });
    expect(await any.verify(await sign({ aud: undefined, iss: undefined }))).toMatchObject({ owner: 'mira' });
  });
});

describe('a login with published keys', () => {
  let pair: webcrypto.CryptoKeyPair;
  let body: string;
  beforeAll(async () => {
    pair = await generateKeyPair('ES256');
    body = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }] });
  });

  async function serveKeys(
    answer: RequestListener,
  ): Promise<{ login: Login; asked: () => number; url: string }> {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    });
    const url = `${(await startTestServer(server)).url}/keys`;
    return { login: login({ userJwksUrl: url, ...checked }), asked: () => asked, url };
  }

  const unavailable = {
    code: 'unavailable',
    retriable: true,
    place: { retryAfterSeconds: expect.any(Number) },
  };

  test('accepts a token that one of the keys has signed, and fetches the keys once', async () => {
    const { login, asked } = await serveKeys((_request, response) => response.end(body));
    for (let times = 0; times < 3; times += 1)
      expect(await login.verify(await sign({}, pair.privateKey, { kid: 'one' }))).toMatchObject({
        owner: 'mira',
      });
    // An unknown key is no reason to ask again and again, and a secret of the sender's own is no key.
    for (let times = 0; times < 5; times += 1)
      await expect(login.verify(await sign({}, pair.privateKey, { kid: `x${times}` }))).rejects.toMatchObject(
        {
          code: 'token_invalid',
        },
      );
    await expect(
      login.verify(await sign({}, new TextEncoder().encode(body), { kid: 'one' })),
    ).rejects.toMatchObject({
      code: 'token_invalid',
    });
    expect(asked()).toBe(1);
  });

  test.each<[string, RequestListener]>([
    ['answer 500', (_request, response) => void response.writeHead(500).end()],
    ['answer with a redirect', (_request, response) => void response.writeHead(302, { Location: '/' }).end()],
    ['answer with a page', (_request, response) => void response.end('<h1>Maintenance</h1>')],
    ['answer with other JSON', (_request, response) => void response.end('{"keys":"none"}')],
    ['break off', (request) => void request.socket.destroy()],
  ])('that %s is an outage, not a bad token; and is left alone for a moment', async (_name, answer) => {
    const { login, asked } = await serveKeys(answer);
    const token = await sign({}, pair.privateKey, { kid: 'one' });
    await expect(login.verify(token)).rejects.toMatchObject(unavailable);
    await expect(login.verify(token)).rejects.toMatchObject(unavailable);
    expect(asked()).toBe(1);
  });

  test('uses the known keys while they cannot be fetched', async () => {
    let isAway = false;
    const { login } = await serveKeys((_request, response) => {
      if (isAway) response.writeHead(503);
      response.end(body);
    });
    const token = await sign({}, pair.privateKey, { kid: 'one' });
    await login.verify(token);
    isAway = true;
    expect(await login.verify(token)).toMatchObject({ owner: 'mira' });
  });

  test('that cannot be fetched is an outage', async () => {
    const nowhere = login({ userJwksUrl: 'http://127.0.0.1:1/keys', ...checked });
    await expect(nowhere.verify(await sign({}, pair.privateKey, { kid: 'one' }))).rejects.toMatchObject(
      unavailable,
    );
  });
});
