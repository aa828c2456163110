import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/channels/channels.ts';

/** Milliseconds for which the token of a channel is valid, unless the channel is opened meanwhile. */
export const TOKEN_LIFE_MS = CHANNEL_TOKEN_SECONDS * 1000;
