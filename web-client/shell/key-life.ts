import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/http.ts';

/** Milliseconds for which the key to an import is valid, unless its channel is opened meanwhile. */
export const KEY_LIFE_MS = CHANNEL_TOKEN_SECONDS * 1000;
