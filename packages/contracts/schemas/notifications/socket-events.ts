import { z } from 'zod';
import { type ClosingCode, type ClosingNotice, closingKinds } from '../../notifications/closing.ts';
import type {
  CloseChannelRequest,
  HubDegraded,
  OpenChannelRequest,
  OpenedChannel,
} from '../../notifications/socket-events.ts';
import { createdChannelSchema } from '../channels/channels.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';
import { notificationSchema } from './notification.ts';

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

/** Events to clients. Hubs are checked by the types; these schemas describe the events to others. */
export const hubDegradedSchema = schemaOf<HubDegraded>()(
  z.object({
    since: z.iso.datetime(),
    reason: z.enum(['history_unavailable', 'notifications_late']),
  }),
);
export const closingNoticeSchema = schemaOf<ClosingNotice>()(
  z
    .object({
      code: z.enum(Object.keys(closingKinds) as [ClosingCode, ...ClosingCode[]]),
      message: z.string(),
      retriable: z.boolean(),
      retryAfterMs: z.int().min(0).optional(),
    })
    .readonly(),
);
export const renewedTokenSchema = z.object({ channelId: z.string(), token: z.string() });
export const drainingSchema = z.object({ retryAfterMs: z.int().min(0) });
/** How a request on the socket is refused. */
export const socketErrorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), retriable: z.boolean() }),
});

export const openedChannelSchema = schemaOf<OpenedChannel>()(
  createdChannelSchema.extend({
    recovered: z.boolean(),
    snapshot: z.object({ progress: z.array(notificationSchema), durable: z.array(notificationSchema) }),
  }),
);
