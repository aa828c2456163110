import { z } from 'zod';
import type { CloseChannelRequest, OpenChannelRequest } from '../socket-events.ts';
import { schemaOf } from './schema-of.ts';
import { lineSchema } from './text.ts';

export const openChannelRequestSchema = schemaOf<OpenChannelRequest>()(
  z.union([
    z.object({
      channelId: lineSchema(64).min(1),
      token: lineSchema(4096).min(1),
      epoch: lineSchema(64).optional(),
      seq: z.int().min(0).optional(),
    }),
    z.object({
      channelId: z.undefined().optional(),
      token: z.undefined().optional(),
      userToken: lineSchema(4096).min(1).optional(),
    }),
  ]),
);

export const closeChannelRequestSchema = schemaOf<CloseChannelRequest>()(
  z.object({ channelId: lineSchema(64).min(1) }),
);
