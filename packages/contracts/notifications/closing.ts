/** Why a hub ends a connection. It says so before the end, and what the client does best. */

export interface ClosingKind {
  /** For the person who runs the client. */
  readonly message: string;
  /** Whether the client may come back as it is, with its position. */
  readonly retriable: boolean;
  /** Milliseconds within which it comes back, at a random moment; without it, after growing pauses as after a lost connection. */
  readonly retryAfterMs?: number;
}

export const closingKinds = {
  slow: { message: 'The client reads too slowly. Come back with the position.', retriable: true },
  behind: {
    message:
      'What the client has missed is no longer kept, or the hub failed at its connection. Come back with the position.',
    retriable: true,
  },
  draining: { message: 'This hub stops. Connect to another one.', retriable: true },
  idle: { message: 'No channel was opened in time. Connect when one is wanted.', retriable: true },
  flood: { message: 'The client sends far too much.', retriable: true, retryAfterMs: 60_000 },
  token_expired: {
    message: 'The token has expired, and cannot be renewed. Open a channel anew.',
    retriable: false,
  },
  revoked: { message: 'The token was taken back. Sign in again.', retriable: false },
} as const satisfies Record<string, ClosingKind>;

export type ClosingCode = keyof typeof closingKinds;

export interface ClosingNotice extends ClosingKind {
  readonly code: ClosingCode;
}

/** @param retryAfterMs where it is not the same for all of the code */
export function closingNotice(code: ClosingCode, retryAfterMs?: number): ClosingNotice {
  return { code, ...closingKinds[code], ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
