/** What a test tells the process that it kills. */
export interface ChildOrders {
  readonly work: 'copy' | 'retry' | 'request';
  /** Given to the engine's `open`. */
  readonly settings: unknown;
  /** To request: the topic of requests, and the one of replies. */
  readonly input: string;
  readonly output: string;
  /** To request: the service. */
  readonly group: string;
  /** To copy or request: the first number to append. To retry: how many records there are. */
  readonly first: number;
  /** The crash point at which the process ends, and at which passage; null: it works on until it is killed. */
  readonly dieAt: { readonly step: string; readonly occurrence: number } | null;
}
