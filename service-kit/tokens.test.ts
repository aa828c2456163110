import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { bearerToken, createTokenAuthority, mayListen, mayUse } from './tokens.ts';

const authSecret = 'a'.repeat(32);
const supportToken = 'support-token-0123456789';
const authority = createTokenAuthority({ authSecret, supportToken });
const key = new TextEncoder().encode(authSecret);

function sign(
  claims: Record<string, unknown>,
  options: { audience?: string; expires?: string; key?: Uint8Array } = {},
) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(options.audience ?? 'tidings:channel')
    .setExpirationTime(options.expires ?? '1h')
    .sign(options.key ?? key);
}

describe('channel tokens', () => {
  test('name their channel and owner', async () => {
    const channelId = authority.newChannelId();
    const token = await authority.issueChannelToken({ channelId, owner: 'mira' });
    const bearer = await authority.verifyBearer(token);
    expect(bearer).toMatchObject({ kind: 'channel', channelId, owner: 'mira' });
    expect(mayListen(bearer, channelId)).toBe(true);
    expect(mayListen(bearer, authority.newChannelId())).toBe(false);
    expect(mayListen(bearer, 'support')).toBe(false);
    expect(mayUse(bearer, { owner: 'mira' })).toBe(true);
    expect(mayUse(bearer, { owner: 'other', channelId })).toBe(true);
    expect(mayUse(bearer, { owner: 'other', channelId: 'another' })).toBe(false);
  });

  test.each([
    ['expired', () => sign({ channelId: 'c', owner: 'o' }, { expires: '-1s' }), 'token_expired'],
    [
      'of another audience',
      () => sign({ channelId: 'c', owner: 'o' }, { audience: 'elsewhere' }),
      'token_invalid',
    ],
    [
      'of another secret',
      () => sign({ channelId: 'c', owner: 'o' }, { key: new Uint8Array(32) }),
      'token_invalid',
    ],
    ['without a channel', () => sign({ owner: 'o' }), 'token_invalid'],
    [
      'without a signature',
      async () => 'eyJhbGciOiJub25lIn0.eyJjaGFubmVsSWQiOiJjIiwib3duZXIiOiJvIn0.',
      'token_invalid',
    ],
    ['that is no token', async () => 'nonsense', 'token_invalid'],
  ])('%s are refused', async (_name, make, code) => {
    await expect(authority.verifyBearer(await make())).rejects.toMatchObject({ code });
  });

  test('the support token listens to the support channel alone, and may use everything', async () => {
    const bearer = await authority.verifyBearer(supportToken);
    expect(mayListen(bearer, 'support')).toBe(true);
    expect(mayListen(bearer, 'another')).toBe(false);
    expect(mayUse(bearer, { owner: 'anyone', channelId: 'any' })).toBe(true);
  });
});

describe('owners', () => {
  test('are `default` where no login is configured', async () => {
    expect(await authority.verifyOwner(undefined)).toBe('default');
  });

  test('are the subject of the login’s token, which is needed once a login is configured', async () => {
    const userJwtSecret = 'u'.repeat(32);
    const withLogin = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    const userToken = await sign({ sub: 'mira' }, { key: new TextEncoder().encode(userJwtSecret) });
    expect(await withLogin.verifyOwner(userToken)).toBe('mira');
    await expect(withLogin.verifyOwner(undefined)).rejects.toMatchObject({ code: 'token_missing' });
    await expect(withLogin.verifyOwner(await sign({ sub: 'mira' }))).rejects.toMatchObject({
      code: 'token_invalid',
    });
  });
});

test('the Authorization header must be there and of the form Bearer', () => {
  expect(bearerToken('Bearer abc')).toBe('abc');
  expect(() => bearerToken(undefined)).toThrow(expect.objectContaining({ code: 'token_missing' }));
  expect(() => bearerToken('Basic abc')).toThrow(expect.objectContaining({ code: 'token_invalid' }));
});
