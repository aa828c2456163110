/** The variables of our own secrets, of publishers, and of the site's login. */
import { DEFAULT_PUBLISH_PER_SECOND } from '@tidings/contracts/limits.ts';
import { z } from 'zod';
import type { TokenSettings } from '../access/tokens.ts';
import { type RawValues, secret, wholeNumber } from './config.ts';

/** Secrets that may verify channel tokens at a time: a new one, and the one before it. */
const MOST_AUTH_SECRETS = 2;
const authSecret = secret(32);

/** The site's login. `checkAuthVariables` checks which of them belong together. */
export const loginVariables = {
  USER_JWT_SECRET: secret(32).optional(),
  USER_JWKS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an https address' })
    .refine(isPrivate, { error: 'must be an https address: http is for this machine alone' })
    .optional(),
  /** The `aud` that the login's tokens have for us. */
  USER_JWT_AUDIENCE: z.string().optional(),
  /** The `iss` of the login's tokens. */
  USER_JWT_ISSUER: z.string().optional(),
};

/** One secret, or two parted by a comma or newline: the first signs, both verify. */
export const authSecretsVariable = z
  .string()
  .transform(splitSecrets)
  .pipe(
    z.tuple([authSecret], authSecret).refine((secrets) => secrets.length <= MOST_AUTH_SECRETS, {
      error: `must hold at most ${MOST_AUTH_SECRETS} secrets, parted by a comma`,
    }),
  );

export const publisherVariables = {
  /** Publishes to every channel; not set: nobody publishes by HTTP. */
  PUBLISH_API_KEY: secret(32).optional(),
  /** Requests of one publisher. */
  PUBLISH_PER_SECOND: wholeNumber(1, 1_000_000, 'requests a second').default(DEFAULT_PUBLISH_PER_SECOND),
};

export const authVariables = {
  AUTH_SECRET: authSecretsVariable,
  SUPPORT_TOKEN: secret(16),
  ...publisherVariables,
  ...loginVariables,
};

/** How tokens are made and checked, from the variables above. */
export function tokenSettings(config: z.infer<z.ZodObject<typeof authVariables>>): TokenSettings {
  const [signing, ...verifying] = config.AUTH_SECRET;
  return {
    authSecret: signing,
    verifyingSecrets: verifying,
    supportToken: config.SUPPORT_TOKEN,
    publishApiKey: config.PUBLISH_API_KEY,
    userJwtSecret: config.USER_JWT_SECRET,
    userJwksUrl: config.USER_JWKS_URL,
    userJwtAudience: config.USER_JWT_AUDIENCE,
    userJwtIssuer: config.USER_JWT_ISSUER,
  };
}

/** Mistakes in the combination of variables. */
export function checkAuthVariables(values: RawValues): string[] {
  return [...checkLogin(values), ...checkSharedSecrets(values)];
}

function checkLogin(values: RawValues): string[] {
  const claims = ['USER_JWT_AUDIENCE', 'USER_JWT_ISSUER'];
  const { USER_JWKS_URL: jwksUrl, USER_JWT_SECRET: jwtSecret } = values;
  if (jwksUrl !== undefined && jwtSecret !== undefined)
    return ['USER_JWKS_URL and USER_JWT_SECRET are both set: keep the one that the login signs with'];
  if (jwksUrl !== undefined) {
    return claims
      .filter((name) => values[name] === undefined)
      .map((name) => `${name} is not set, and is needed with USER_JWKS_URL: whose tokens are taken`);
  }
  if (jwtSecret !== undefined) return [];
  return claims
    .filter((name) => values[name] !== undefined)
    .map((name) => `${name} is set, but no login is: set USER_JWKS_URL or USER_JWT_SECRET too`);
}

const secretNames = ['AUTH_SECRET', 'SUPPORT_TOKEN', 'PUBLISH_API_KEY', 'USER_JWT_SECRET'] as const;

/** Whoever knows one secret must not know another: otherwise the support token could sign channel tokens. */
export function checkSharedSecrets(values: Partial<Record<(typeof secretNames)[number], string>>): string[] {
  const secrets = secretNames.flatMap((name) =>
    (name === 'AUTH_SECRET' ? splitSecrets(values[name] ?? '') : [values[name] ?? ''])
      .filter((text) => text !== '')
      .map((text) => ({ name, text })),
  );
  const mistakes = secrets.flatMap(({ name, text }, index) =>
    secrets
      .slice(index + 1)
      .filter((other) => other.text === text)
      .map((other) =>
        other.name === name
          ? `${name} holds the same secret twice`
          : `${name} and ${other.name} hold the same secret: each needs one of its own`,
      ),
  );
  return [...new Set(mistakes)];
}

function splitSecrets(list: string): string[] {
  return list
    .split(/[,\r\n]/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/** Whether nobody between us and the login can replace the keys. */
function isPrivate(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
