/** A client of an event stream, with `fetch` alone. */
import { waitUntil } from './waiting.ts';
import type { WireNotification } from './wire.ts';

export interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export class EventStreamClient {
  readonly events: StreamEvent[] = [];
  comments = 0;
  isEnded = false;
  readonly #patienceMs: number;
  readonly #abort: () => void;

  constructor(response: Response, abort: () => void, patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#abort = abort;
    void this.#read(response).catch(() => {
      this.isEnded = true;
    });
  }

  get notifications(): WireNotification[] {
    return this.events.flatMap(({ event, data }) =>
      event === 'notification' ? [data as WireNotification] : [],
    );
  }

  until(what: string, condition: () => boolean, patienceMs = this.#patienceMs): Promise<void> {
    return waitUntil(what, patienceMs, condition);
  }

  close(): void {
    this.#abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of response.body ?? []) {
      rest += decoder.decode(bytes, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
    this.isEnded = true;
  }

  #take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name === '') this.comments += 1;
      else fields.set(name, value);
    }
    const data = fields.get('data');
    if (data === undefined) return;
    this.events.push({
      event: fields.get('event') ?? 'message',
      id: fields.get('id') ?? null,
      data: JSON.parse(data),
    });
  }
}
