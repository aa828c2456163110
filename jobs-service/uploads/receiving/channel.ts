/** Finds the channel of an upload, by its token. */
import type { UploadFields } from '@tidings/contracts/files/upload.ts';
import { type Bearer, bearerToken } from '@tidings/service-kit/access/bearers.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';

/** The channel that an upload belongs to. */
export interface UploadChannel {
  readonly channelId: string;
  readonly token: string;
  readonly owner: string;
  /** Of the token: see `ChannelOwner`. */
  readonly epoch: number;
  readonly renewUntil: number | null;
}

/** The token of the `Authorization` header, and what it is for; null where none came. */
export type Authorization = {
  readonly token: string;
  readonly channel: Extract<Bearer, { kind: 'channel' }>;
} | null;

/** Resolves with null where no token came, and none is needed. @throws Problem */
export async function readAuthorization(
  tokens: TokenAuthority,
  authorization: string | undefined,
): Promise<Authorization> {
  // Where people sign in, an upload without a token takes no place.
  if (authorization === undefined && !tokens.hasLogin) return null;
  return readNeededAuthorization(tokens, authorization);
}

/** As `readAuthorization`, where a token is needed. @throws Problem */
export async function readNeededAuthorization(
  tokens: TokenAuthority,
  authorization: string | undefined,
): Promise<NonNullable<Authorization>> {
  const token = bearerToken(authorization);
  const channel = await tokens.verifyBearer(token);
  // The support token can only watch: nothing is uploaded to its channel.
  if (channel.kind !== 'channel') throw notFound();
  return { token, channel };
}

/** The channel that the upload belongs to: the token's, the one in the fields with its token, or a new one. */
export async function findChannel(
  tokens: TokenAuthority,
  authorization: Authorization,
  fields: UploadFields,
): Promise<UploadChannel> {
  const token = authorization?.token ?? fields.channelToken;
  if (token === undefined) {
    if (fields.channelId !== undefined) {
      const message =
        'The channel comes without its token: send `channelToken`, or an Authorization header, before the file.';
      throw new Problem('channel_token_missing', message, { field: 'channelToken' });
    }
    const owner = await tokens.verifyOwner(undefined);
    const channelId = tokens.newChannelId(owner.owner);
    const made = await tokens.issueChannelToken({ channelId, ...owner });
    return { channelId, ...owner, token: made };
  }
  const channel = authorization?.channel ?? (await tokens.verifyBearer(token));
  if (channel.kind !== 'channel') throw notFound();
  if (fields.channelId !== undefined && fields.channelId !== channel.channelId) throw notFound();
  const { channelId, owner, epoch, renewUntil } = channel;
  return { channelId, owner, epoch, renewUntil, token };
}
