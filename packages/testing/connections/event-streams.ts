/** For tests: reads server-sent events from an answer of fetch. */

export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: unknown;
}

/** Resolves at the end of the answer; rejects where it breaks off. */
export async function readEvents(response: Response, take: (event: StreamEvent) => void): Promise<void> {
  if (response.body === null) return;
  let text = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      take({ id: field('id'), event: field('event'), data: JSON.parse(field('data') ?? 'null') });
    }
  }
}
