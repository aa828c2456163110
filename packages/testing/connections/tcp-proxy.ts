/** A TCP proxy on 127.0.0.1 that cuts, stalls or delays the network between two processes, which both go on. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform, type Writable } from 'node:stream';

export interface TcpProxy {
  readonly port: number;
  /** Resets all connections, and every new one at once, as a network that refuses does. */
  cut(): void;
  /** Connections stay open, and no byte passes until it may again, as on a network that stands still. New ones are taken, and stall too. */
  stall(): void;
  /** What is sent still arrives; no byte of an answer does until it may again, as with a client that does not read. */
  holdAnswers(): void;
  /** Nothing arrives any more on the open connections, or on the one from this port, and neither end notices. New ones pass. */
  forget(clientPort?: number): void;
  /** The same for each new one, too, until bytes may pass again on the ones after it, as on a network that drops every packet. */
  swallow(): void;
  /** What is sent still arrives; at the first byte of an answer its connection is reset, as where the network breaks just then. */
  loseAnswers(): void;
  /** A connection is reset when such bytes are sent on it, and they do not arrive; everything else passes. */
  refuse(isRefused: (sent: Buffer) => boolean): void;
  /** Lets bytes pass again, also those that have waited. */
  pass(): void;
  /** Resets all connections, and frees the port. */
  close(): Promise<void>;
}

/** What happens to one connection, at whichever byte. */
export interface ConnectionFault {
  /** The direction whose bytes are counted: to the target, or back to the client. */
  readonly direction: 'to' | 'back';
  /** Bytes of that direction that still pass, 0 or more. */
  readonly afterBytes: number;
  /** `reset`: both ends notice. `mute`: nothing passes any more, and neither end notices, as with a half-open connection. */
  readonly kind: 'reset' | 'mute';
  /** Milliseconds by which each piece is late, in both directions. */
  readonly delayMs: number;
}

/** What is done to a connection, and to each new one. */
type Treatment = (pair: Pair) => void;

/**
 * @param targetPort on 127.0.0.1; asked for at each connection, so that what listens there may be started later
 * @param faultOf asked for at each connection; null: it is left alone
 */
export async function startTcpProxy(
  targetPort: () => number,
  faultOf: () => ConnectionFault | null = () => null,
): Promise<TcpProxy> {
  const proxy = new RunningProxy(targetPort, faultOf);
  await proxy.listen();
  return proxy;
}

class RunningProxy implements TcpProxy {
  readonly #targetPort: () => number;
  readonly #faultOf: () => ConnectionFault | null;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** null: connections are cut, and new ones refused. */
  #treatment: Treatment | null = (pair) => pair.pass();

  constructor(targetPort: () => number, faultOf: () => ConnectionFault | null) {
    this.#targetPort = targetPort;
    this.#faultOf = faultOf;
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
    this.#treatment = null;
    for (const pair of this.#pairs) pair.reset();
  }

  stall(): void {
    this.#treat((pair) => pair.stall());
  }

  holdAnswers(): void {
    this.#treat((pair) => pair.holdAnswers());
  }

  forget(clientPort?: number): void {
    for (const pair of this.#pairs)
      if (clientPort === undefined || pair.clientPort === clientPort) pair.forget();
  }

  swallow(): void {
    this.#treat((pair) => pair.forget());
  }

  loseAnswers(): void {
    this.#treat((pair) => pair.loseAnswers());
  }

  refuse(isRefused: (sent: Buffer) => boolean): void {
    this.#treat((pair) => pair.refuse(isRefused));
  }

  pass(): void {
    this.#treat((pair) => pair.pass());
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #treat(treatment: Treatment): void {
    this.#treatment = treatment;
    for (const pair of this.#pairs) if (!pair.isForgotten) treatment(pair);
  }

  #accept(client: Socket): void {
    if (this.#treatment === null) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, this.#targetPort(), this.#faultOf(), () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    this.#treatment(pair);
  }
}

/** A client's connection, and its continuation to the target. When one of them breaks, the other is reset. */
class Pair {
  readonly #client: Socket;
  readonly #target: Socket;
  /** Where the bytes of either direction go. */
  readonly #to: Writable;
  readonly #back: Writable;
  readonly #loseAnswer = (): void => this.reset();
  /** Which bytes pass while some are refused. */
  #judge: Transform | null = null;
  #isForgotten = false;

  constructor(client: Socket, targetPort: number, fault: ConnectionFault | null, onEnd: () => void) {
    this.#client = client;
    this.#target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#to = fault === null ? this.#target : this.#passage(fault, 'to');
    this.#back = fault === null ? client : this.#passage(fault, 'back');
    client.setNoDelay(true);
    for (const socket of [client, this.#target]) {
      socket.on('error', () => this.reset());
      // What has stalled hears of the other's end when bytes may pass again, so the pair is known until both have ended.
      socket.once('close', () => {
        if (client.closed && this.#target.closed) onEnd();
      });
    }
  }

  get clientPort(): number | undefined {
    return this.#client.remotePort;
  }

  /** Whether nothing arrives on it any more, whatever happens to other connections. */
  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  pass(): void {
    this.holdAnswers();
    this.#target.pipe(this.#back);
  }

  holdAnswers(): void {
    this.stall();
    this.#client.pipe(this.#to);
  }

  forget(): void {
    this.stall();
    this.#isForgotten = true;
    for (const socket of [this.#client, this.#target]) socket.resume();
  }

  loseAnswers(): void {
    this.holdAnswers();
    this.#target.on('data', this.#loseAnswer).resume();
  }

  refuse(isRefused: (sent: Buffer) => boolean): void {
    this.stall();
    this.#judge = new Transform({
      transform: (sent: Buffer, _encoding, done) => {
        if (isRefused(sent)) this.reset();
        else done(null, sent);
      },
    });
    this.#client.pipe(this.#judge).pipe(this.#to);
    this.#target.pipe(this.#back);
  }

  stall(): void {
    this.#client.unpipe(this.#to);
    if (this.#judge !== null) this.#client.unpipe(this.#judge);
    this.#target.unpipe(this.#back);
    this.#target.off('data', this.#loseAnswer);
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }

  /** Passes bytes on until the fault happens, at its byte. */
  #passage(fault: ConnectionFault, direction: ConnectionFault['direction']): Transform {
    const far = direction === 'to' ? this.#target : this.#client;
    let left = fault.direction === direction ? fault.afterBytes : Number.POSITIVE_INFINITY;
    const passage = new Transform({
      transform: (bytes: Buffer, _encoding, done) => {
        const passed = bytes.subarray(0, left);
        left -= passed.length;
        if (passed.length === bytes.length) return void setTimeout(() => done(null, passed), fault.delayMs);
        // The transform never calls back, so that nothing passes any more.
        this.stall();
        if (fault.kind === 'mute') return;
        if (far.writable) far.write(passed, () => this.reset());
        else this.reset();
      },
    });
    passage.pipe(far);
    return passage;
  }
}
