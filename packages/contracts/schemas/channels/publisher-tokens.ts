import { z } from 'zod';
import {
  type CreatedPublisherToken,
  DEFAULT_PUBLISHER_TOKEN_SECONDS,
  MAX_PUBLISHER_TOKEN_SECONDS,
} from '../../channels/publisher-tokens.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, ownerSchema } from '../values/text.ts';

/** `POST /publisher-tokens`: for an owner or for a channel. */
export const createPublisherTokenBodySchema = z
  .strictObject({
    owner: ownerSchema.optional(),
    channelId: lineSchema(64).min(1).optional(),
    ttlSeconds: z.int().min(1).max(MAX_PUBLISHER_TOKEN_SECONDS).default(DEFAULT_PUBLISHER_TOKEN_SECONDS),
  })
  .refine(({ owner, channelId }) => (owner === undefined) !== (channelId === undefined), {
    error: 'say for whom: either `owner` or `channelId`',
  });

export const createdPublisherTokenSchema = schemaOf<CreatedPublisherToken>()(
  z.object({ token: z.string(), expiresAt: z.iso.datetime() }),
);
