import { z } from 'zod';
import type { OwnerChannel, RevokedTokens } from '../../owners/owners.ts';
import { schemaOf } from '../values/schema-of.ts';
import { ownerSchema } from '../values/text.ts';

export const revokedTokensSchema = schemaOf<RevokedTokens>()(z.object({ owner: ownerSchema }));

export const ownerChannelSchema = schemaOf<OwnerChannel>()(
  z.object({ owner: ownerSchema, channelId: z.string(), createdAt: z.iso.datetime() }),
);
