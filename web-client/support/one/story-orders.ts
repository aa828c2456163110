/** What support may order about one import. Each resolves with what is to be said. */
export interface StoryOrders {
  cancel(reason: string): Promise<string>;
  undo(reason: string): Promise<string>;
  /** Every dead chunk. */
  requeueAll(reason: string): Promise<string>;
  requeueChunk(chunk: number, reason: string): Promise<string>;
  /** One that waits for a further attempt is tried at once. */
  retryChunk(chunk: number, reason: string): Promise<string>;
  skipChunk(chunk: number, reason: string): Promise<string>;
}
