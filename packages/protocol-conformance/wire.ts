/** The messages on the wire. A foreign client has none of our types, so these are written from the document. */

export interface WireNotification {
  readonly channelId: string;
  readonly lane: string;
  readonly subject: string;
  readonly type: string;
  readonly epoch: string;
  readonly at: string;
  readonly data: unknown;
  readonly seq?: number;
  readonly version?: number;
  readonly final?: boolean;
  readonly eventId?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
}

export interface WireOpened {
  readonly channelId: string;
  readonly token: string;
  readonly epoch: string;
  readonly seq: number;
  readonly recovered: boolean;
  readonly snapshot: {
    readonly progress: readonly WireNotification[];
    readonly durable: readonly WireNotification[];
  };
}

export interface WireError {
  readonly error: { readonly code: string; readonly message: string; readonly retriable: boolean };
}

export interface WireProblem {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly retriable: boolean;
  readonly field?: string;
}

export interface WireChannel {
  readonly channelId: string;
  readonly token: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface WireClosingNotice {
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
  readonly retryAfterMs?: number;
}

/** An item of a request that publishes. */
export interface Item {
  readonly subject: string;
  readonly type: string;
  readonly data: unknown;
  readonly lane?: string;
  readonly version?: number;
  readonly final?: boolean;
}
