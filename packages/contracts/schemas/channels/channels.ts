import { z } from 'zod';
import type { ChannelToken, CreatedChannel, CreatedTicket, ListedChannel } from '../../channels/channels.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema, ownerSchema } from '../values/text.ts';
import { count } from '../values/whole-number.ts';

/** `POST /channels`, optional body: `userToken` where a person asks, `owner` where a service does. */
export const createChannelBodySchema = z.strictObject({
  userToken: lineSchema(4096).min(1).optional(),
  owner: ownerSchema.optional(),
});

/** `GET /channels/{id}/events`. */
export const eventsQuerySchema = z.object({
  lastEventId: z
    .string()
    .optional()
    .describe('A position, `epoch:seq`; the header `Last-Event-ID` counts where both come.'),
  ticket: z.string().optional().describe('In place of the bearer, once.'),
});

export const createdChannelSchema = schemaOf<CreatedChannel>()(
  z.object({ channelId: z.string(), token: z.string(), epoch: z.string(), seq: count }),
);

export const listedChannelSchema = schemaOf<ListedChannel>()(
  z.object({ channelId: z.string(), token: z.string(), createdAt: z.iso.datetime() }),
);

export const createdTicketSchema = schemaOf<CreatedTicket>()(
  z.object({ ticket: z.string(), expiresAt: z.iso.datetime() }),
);

export const channelTokenSchema = schemaOf<ChannelToken>()(
  z.object({ channelId: z.string(), token: z.string() }),
);
