/** A TCP proxy on 127.0.0.1 that cuts or stalls the network between two processes, which both go on. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Resets all connections, and every new one at once, as a network that refuses does. */
  cut(): void;
  /** Connections stay open, and no byte passes, as on a network that drops packets. New ones are taken, and stall too. */
  stall(): void;
  /** What is sent still arrives; at the first byte of an answer its connection is reset, as where the network breaks just then. */
  loseAnswers(): void;
  /** Lets bytes pass again, also those that have waited. */
  pass(): void;
  /** Resets all connections, and frees the port. */
  close(): Promise<void>;
}

type State = 'passing' | 'cut' | 'stalled' | 'losing';

/** @param targetPort on 127.0.0.1; asked for at each connection, so that what listens there may be started later */
export async function startTcpProxy(targetPort: () => number): Promise<TcpProxy> {
  const proxy = new RunningProxy(targetPort);
  await proxy.listen();
  return proxy;
}

class RunningProxy implements TcpProxy {
  readonly #targetPort: () => number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #state: State = 'passing';

  constructor(targetPort: () => number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  cut(): void {
    this.#state = 'cut';
    for (const pair of this.#pairs) pair.reset();
  }

  stall(): void {
    this.#state = 'stalled';
    for (const pair of this.#pairs) pair.stall();
  }

  loseAnswers(): void {
    this.#state = 'losing';
    for (const pair of this.#pairs) pair.loseAnswers();
  }

  pass(): void {
    this.#state = 'passing';
    for (const pair of this.#pairs) pair.pass();
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#state === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, this.#targetPort(), () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    if (this.#state === 'passing') pair.pass();
    if (this.#state === 'losing') pair.loseAnswers();
  }
}

/** A client's connection, and its continuation to the target. When one of them breaks, the other is reset. */
class Pair {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #loseAnswer = (): void => this.reset();

  constructor(client: Socket, targetPort: number, onEnd: () => void) {
    this.#client = client;
    this.#target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    for (const socket of [client, this.#target]) {
      socket.on('error', () => this.reset());
      // What has stalled hears of the other's end when bytes may pass again, so the pair is known until both have ended.
      socket.once('close', () => {
        if (client.closed && this.#target.closed) onEnd();
      });
    }
  }

  pass(): void {
    this.stall();
    this.#client.pipe(this.#target);
    this.#target.pipe(this.#client);
  }

  loseAnswers(): void {
    this.stall();
    this.#client.pipe(this.#target);
    this.#target.on('data', this.#loseAnswer).resume();
  }

  stall(): void {
    this.#client.unpipe(this.#target);
    this.#target.unpipe(this.#client);
    this.#target.off('data', this.#loseAnswer);
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }
}
