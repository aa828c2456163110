import { openTestLog } from '@tidings/testing/log.ts';
import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bearerToken, mayListen, mayUse } from './bearers.ts';
import { noRevocations, openOwnerTokens } from './owner-tokens.ts';
import { createTokenAuthority } from './tokens.ts';

const authSecret = 'a'.repeat(32);
const supportToken = 'support-token-0123456789';
const authority = createTokenAuthority({ authSecret, supportToken });
const key = new TextEncoder().encode(authSecret);

function sign(
  claims: Record<string, unknown>,
  options: { audience?: string; expires?: string; key?: Uint8Array; typ?: string } = {},
) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: options.typ ?? 'tidings-channel+jwt' })
    .setIssuedAt()
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
    [
      'of another type, as those of a login are',
      () => sign({ channelId: 'c', owner: 'o' }, { typ: 'at+jwt' }),
      'token_invalid',
    ],
    ['of the version before', () => sign({ channelId: 'c', owner: 'o' }, { typ: 'JWT' }), 'token_expired'],
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

  test('are valid under a second secret, and are signed with the first', async () => {
    const next = 'b'.repeat(32);
    const both = createTokenAuthority({ authSecret: next, verifyingSecrets: [authSecret], supportToken });
    const channel = { channelId: authority.newChannelId(), owner: 'mira' };
    expect(await both.verifyBearer(await authority.issueChannelToken(channel))).toMatchObject(channel);
    const made = await both.issueChannelToken(channel);
    expect(await both.verifyBearer(made)).toMatchObject(channel);
    await expect(authority.verifyBearer(made)).rejects.toMatchObject({ code: 'token_invalid' });
    const expired = await sign(channel, { expires: '-1s' });
    await expect(both.verifyBearer(expired)).rejects.toMatchObject({ code: 'token_expired' });
  });

  test('are valid for 7 days, and no longer than their channel may be renewed', async () => {
    const day = 24 * 60 * 60 * 1000;
    const endOf = async (renewUntil: number | null) => {
      const token = await authority.issueChannelToken({ channelId: 'c', owner: 'o', renewUntil });
      const bearer = await authority.verifyBearer(token);
      if (bearer.kind !== 'channel') throw new Error('not a channel');
      return { days: Math.round((bearer.expiresAt - Date.now()) / day), until: bearer.renewUntil };
    };
    expect(await endOf(null)).toEqual({ days: 7, until: null });
    const tomorrow = Math.floor((Date.now() + day) / 1000) * 1000;
    expect(await endOf(tomorrow)).toEqual({ days: 1, until: tomorrow });
  });

  test('that were made before a revocation are refused, and those made after it are valid', async () => {
    const log = await openTestLog({ partitions: 1 });
    const ownerTokens = await openOwnerTokens(log);
    onTestFinished(() => ownerTokens.close());
    const revocable = createTokenAuthority({ authSecret, supportToken }, ownerTokens);
    const open = async (owner: string) => {
      const epoch = ownerTokens.get(owner)?.epoch ?? 0;
      return revocable.issueChannelToken({ channelId: revocable.newChannelId(), owner, epoch });
    };
    const [mine, other] = [await open('mira'), await open('noor')];
    for (let times = 0; times < 2; times += 1) {
      const before = await open('mira');
      const told = new Promise((resolve) => ownerTokens.onRevoked(resolve));
      await ownerTokens.revoke('mira');
      expect(await told).toBe('mira');
      await expect(revocable.verifyBearer(before)).rejects.toMatchObject({ code: 'token_invalid' });
      expect(await revocable.verifyBearer(await open('mira'))).toMatchObject({ owner: 'mira' });
    }
    await expect(revocable.verifyBearer(mine)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(await revocable.verifyBearer(other)).toMatchObject({ owner: 'noor' });
    // Another process, which starts later.
    const later = await openOwnerTokens(log);
    onTestFinished(() => later.close());
    const elsewhere = createTokenAuthority({ authSecret, supportToken }, later);
    await expect(elsewhere.verifyBearer(mine)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(await elsewhere.verifyBearer(await open('mira'))).toMatchObject({ owner: 'mira' });
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
    expect(await authority.verifyOwner(undefined)).toEqual({ owner: 'default', epoch: 0, renewUntil: null });
  });

  const userJwtSecret = 'u'.repeat(32);
  const userKey = new TextEncoder().encode(userJwtSecret);
  const withLogin = createTokenAuthority({ authSecret, supportToken, userJwtSecret });

  test('are the subject of the login’s token, which is needed once a login is configured', async () => {
    const userToken = await sign({ sub: 'mira' }, { key: userKey });
    expect(await withLogin.verifyOwner(userToken)).toMatchObject({ owner: 'mira', epoch: 0 });
    await expect(withLogin.verifyOwner(undefined)).rejects.toMatchObject({ code: 'token_missing' });
    await expect(withLogin.verifyOwner(await sign({ sub: 'mira' }))).rejects.toMatchObject({
      code: 'token_invalid',
    });
  });

  test('have channels until a day after the end of the login’s token', async () => {
    const userToken = await sign({ sub: 'mira' }, { key: userKey, expires: '1h' });
    const { renewUntil } = await withLogin.verifyOwner(userToken);
    expect(Math.round(((renewUntil ?? 0) - Date.now()) / 3_600_000)).toBe(25);
  });

  test('whose tokens were taken back need a login’s token that is not older', async () => {
    const at = Date.now() - 60_000;
    const revocations = { ...noRevocations, get: () => ({ epoch: 7, at }) };
    const authority = createTokenAuthority({ authSecret, supportToken, userJwtSecret }, revocations);
    const signedInAt = (time: number) =>
      new SignJWT({ sub: 'mira', iat: Math.floor(time / 1000) })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(userKey);
    await expect(authority.verifyOwner(await signedInAt(at - 1_000))).rejects.toMatchObject({
      code: 'token_invalid',
    });
    // `iat` counts seconds: who signs in within the same one is not turned away.
    for (const time of [at, at + 1_000])
      expect(await authority.verifyOwner(await signedInAt(time))).toMatchObject({ owner: 'mira', epoch: 7 });
  });
});

test('the Authorization header must be there and of the form Bearer', () => {
  expect(bearerToken('Bearer abc')).toBe('abc');
  expect(() => bearerToken(undefined)).toThrow(expect.objectContaining({ code: 'token_missing' }));
  expect(() => bearerToken('Basic abc')).toThrow(expect.objectContaining({ code: 'token_invalid' }));
});

describe('a session of support', () => {
  const other = { authSecret, supportToken: 'another-support-token-012345' };

  test('is support’s for a time, and listens to its channel', async () => {
    const { token, expiresAt } = authority.issueSupportSession();
    const bearer = await authority.verifyBearer(token);
    expect(bearer).toEqual({ kind: 'support', expiresAt });
    expect(mayListen(bearer, 'support')).toBe(true);
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(12 * 60 * 60 * 1000);
    expect(expiresAt - Date.now()).toBeGreaterThan(11 * 60 * 60 * 1000);
    const { ticket } = await authority.issueTicket({ kind: 'support', expiresAt });
    expect((await authority.verifyTicket(ticket)).bearer).toEqual({ kind: 'support', expiresAt });
  });

  test('ends where the support token is another one, and goes on where the signing secret is the next one', async () => {
    const { token } = authority.issueSupportSession();
    const refused = createTokenAuthority(other).verifyBearer(token);
    await expect(refused).rejects.toMatchObject({ code: 'token_invalid' });
    const rotated = { authSecret: 'b'.repeat(32), verifyingSecrets: [authSecret], supportToken };
    expect(await createTokenAuthority(rotated).verifyBearer(token)).toMatchObject({ kind: 'support' });
  });

  test('is expired after its time, and cannot be made from another token of ours', async () => {
    const session = { typ: 'tidings-support+jwt', audience: 'tidings:support' };
    const { token } = authority.issueSupportSession();
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      key: string;
    };
    const old = await sign({ key: claims.key }, { ...session, expires: '-1s' });
    await expect(authority.verifyBearer(old)).rejects.toMatchObject({ code: 'token_expired' });
    for (const key of [undefined, '', supportToken])
      await expect(authority.verifyBearer(await sign({ key }, session))).rejects.toMatchObject({
        code: 'token_invalid',
      });
  });
});
