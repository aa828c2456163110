/** The handle of the process that holds a bench's clients: its CPU is not that of the servers that are measured. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientsCommand, ClientsReport } from './client-program.ts';

type Without<Kind extends ClientsCommand['kind']> = Omit<Extract<ClientsCommand, { kind: Kind }>, 'kind'>;

export class Clients {
  readonly #child: ChildProcess;
  /** Rejects when the process ends. */
  readonly #ended: Promise<never>;

  constructor() {
    const program = fileURLToPath(new URL('./client-program.ts', import.meta.url));
    this.#child = fork(program, { execArgv: ['--import', 'tsx'], detached: true });
    this.#ended = new Promise((_, reject) => {
      this.#child.once('exit', () => reject(new Error('the process of the clients has ended')));
    });
    // It ends also when nobody asks.
    this.#ended.catch(() => undefined);
  }

  /** Resolves when each has its channel. */
  open(
    options: Without<'open'>,
  ): Promise<{ readonly seconds: number; readonly channelIds: readonly string[] }> {
    return this.#ask({ kind: 'open', ...options });
  }

  /** Resolves with when the last notification came, in milliseconds since 1970, and how many came. */
  arrivals(
    count: number,
    quietMs = 20_000,
  ): Promise<{ readonly arrivals: number; readonly arrivedAt: number }> {
    return this.#ask({ kind: 'await', arrivals: count, quietMs });
  }

  reset(): Promise<null> {
    return this.#ask({ kind: 'reset' });
  }

  report(): Promise<ClientsReport> {
    return this.#ask({ kind: 'report' });
  }

  /** Resolves when so many clients have come back, or the time is over. */
  back(count: number, timeoutMs: number): Promise<ClientsReport> {
    return this.#ask({ kind: 'awaitBack', count, timeoutMs });
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #ask<Answer>(command: ClientsCommand): Promise<Answer> {
    this.#child.send(command);
    const asking = new AbortController();
    const answered = once(this.#child, 'message', asking);
    const [answer] = (await Promise.race([answered, this.#ended]).finally(() => asking.abort())) as [Answer];
    return answer;
  }
}
