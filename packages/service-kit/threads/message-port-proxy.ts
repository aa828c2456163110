/**
 * Lets one thread call an object of another over a MessagePort.
 *
 *     exposePort(log, port1)                        on the thread that has the log
 *     const log = connectPort<EventLog>(port2)      on the other one
 *
 * Methods return promises. Functions, objects with methods and async iterables pass by reference, at any depth; everything else
 * is a structured clone. Errors keep their fields, also an `AbortSignal`, but not their class: tell them apart by `code`.
 *
 * A call that is under way keeps the process alive, an idle port does not. When the port closes, all running calls
 * reject with `port_closed`. An object that was passed by reference is released when the other side has collected it, or when
 * its iteration ends.
 */
import type { MessagePort } from 'node:worker_threads';
import { Failure } from '@tidings/failures/failure.ts';
import { isAsyncIterable, type PackedMessage, pack, type Reference, unpack } from './message-packing.ts';

/** The object as the other side sees it: whatever a method returns comes as a promise, except async iterables. */
export type Remote<Target> = {
  [Name in keyof Target]: Target[Name] extends (...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Result extends AsyncIterable<unknown> ? Result : Promise<Awaited<Result>>
    : Target[Name];
};

export class PortClosedError extends Failure {
  override readonly name = 'PortClosedError';

  constructor() {
    super('port_closed', 'The port to the other thread is closed.');
  }
}

/** Reports registered values that nothing refers to any more: a FinalizationRegistry, or in tests a substitute. */
export type Collection = (onCollected: (reference: number) => void) => {
  register(value: object, reference: number): void;
};

const garbageCollection: Collection = (onCollected) => new FinalizationRegistry(onCollected);

/** Makes the target's methods callable from the other end of the port. */
export function exposePort(target: object, port: MessagePort, collection = garbageCollection): void {
  new Endpoint(port, target, collection);
}

/** The object that the other end exposes. Calls made before it does are answered then. */
export function connectPort<Target extends object>(port: MessagePort): Remote<Target> {
  const endpoint = new Endpoint(port, {}, garbageCollection);
  const methods = new Map<string, (...parameters: unknown[]) => unknown>();
  const handler: ProxyHandler<object> = {
    get(_target, name) {
      // Without `then` the proxy does not look like a promise.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      const known = methods.get(name);
      if (known) return known;
      const method = (...parameters: unknown[]) => iterable(endpoint.call(rootReference, name, parameters));
      methods.set(name, method);
      return method;
    },
  };
  return new Proxy({}, handler) as Remote<Target>;
}

/** Whether the value is a function or an object of another thread, and the port to it is closed: it will never answer again. */
export function isOfClosedPort(value: object): boolean {
  return endpoints.get(value)?.closed ?? false;
}

const endpoints = new WeakMap<object, Endpoint>();
const rootReference = 0;

type Message =
  | {
      readonly type: 'call';
      readonly call: number;
      readonly reference: number;
      readonly name: string;
      readonly message: PackedMessage;
    }
  | {
      readonly type: 'answer';
      readonly call: number;
      readonly failed: boolean;
      readonly message: PackedMessage;
    }
  | { readonly type: 'release'; readonly reference: number };

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One end of a port: calls what the other end refers to, and serves what this end does. */
class Endpoint {
  private readonly port: MessagePort;
  private readonly references: Map<number, object>;
  private readonly pending = new Map<number, PendingCall>();
  /** Iterations that the other end has begun here, by the reference of their iterable. */
  private readonly iterators = new Map<number, AsyncIterator<unknown>>();
  private readonly collected: ReturnType<Collection>;
  private lastReference = rootReference;
  private lastCall = 0;
  private serving = 0;
  /** The port is closed: no call reaches the other end. */
  closed = false;

  constructor(port: MessagePort, root: object, collection: Collection) {
    this.port = port;
    this.references = new Map([[rootReference, root]]);
    this.collected = collection((reference) => this.post({ type: 'release', reference }, []));
    port.on('message', (message: Message) => this.receive(message));
    port.on('close', () => this.end());
    port.unref();
  }

  call(reference: number, name: string, parameters: readonly unknown[]): Promise<unknown> {
    if (this.closed) return Promise.reject(new PortClosedError());
    this.lastCall += 1;
    const call = this.lastCall;
    return new Promise<unknown>((resolve, reject) => {
      const { message, transfer } = pack(parameters, (value) => this.refer(value));
      this.post({ type: 'call', call, reference, name, message }, transfer);
      this.pending.set(call, { resolve, reject });
      this.hold();
    });
  }

  private refer(value: object): number {
    this.lastReference += 1;
    this.references.set(this.lastReference, value);
    return this.lastReference;
  }

  private post(message: Message, transfer: readonly ArrayBuffer[]): void {
    if (!this.closed) this.port.postMessage(message, transfer);
  }

  private receive(message: Message): void {
    if (message.type === 'release') this.release(message.reference);
    else if (message.type === 'call') void this.serve(message);
    else this.settle(message);
  }

  private settle({ call, failed, message }: Message & { readonly type: 'answer' }): void {
    const pending = this.pending.get(call);
    this.pending.delete(call);
    this.hold();
    const value = unpack(message, (reference) => this.remote(reference));
    if (failed) pending?.reject(value);
    else pending?.resolve(value);
  }

  private async serve({
    call,
    reference,
    name,
    message,
  }: Message & { readonly type: 'call' }): Promise<void> {
    this.serving += 1;
    this.hold();
    try {
      const parameters = unpack(message, (remote) => this.remote(remote));
      const result = await this.perform(reference, name, Array.isArray(parameters) ? parameters : []);
      this.answer(call, false, result);
    } catch (error) {
      this.answer(call, true, error);
    } finally {
      this.serving -= 1;
      this.hold();
    }
  }

  private answer(call: number, failed: boolean, value: unknown): void {
    const { message, transfer } = pack(value, (referred) => this.refer(referred));
    this.post({ type: 'answer', call, failed, message }, transfer);
  }

  private perform(reference: number, name: string, parameters: readonly unknown[]): unknown {
    const target = this.references.get(reference);
    if (typeof target === 'function') return Reflect.apply(target as () => unknown, undefined, parameters);
    if (target && isAsyncIterable(target) && reference !== rootReference)
      return this.iterate(reference, target, name);
    const method: unknown = target && Reflect.get(target, name);
    if (typeof method !== 'function') throw new TypeError(`There is no method ${name} behind the port.`);
    return Reflect.apply(method as () => unknown, target, parameters);
  }

  private async iterate(reference: number, target: AsyncIterable<unknown>, name: string): Promise<unknown> {
    const iterator = this.iterators.get(reference) ?? target[Symbol.asyncIterator]();
    this.iterators.set(reference, iterator);
    let over = true;
    try {
      const result =
        name === 'next' ? await iterator.next() : ((await iterator.return?.()) ?? endOfIteration);
      over = result.done === true;
      return result;
    } finally {
      if (over) this.release(reference);
    }
  }

  private release(reference: number): void {
    this.references.delete(reference);
    const iterator = this.iterators.get(reference);
    this.iterators.delete(reference);
    // This also ends an iteration that the other end has begun and abandoned.
    iterator?.return?.().catch(() => undefined);
  }

  /** Makes the proxy of a reference of the other end. */
  private remote({ reference, kind, methods = [] }: Reference): object {
    const value =
      kind === 'function'
        ? this.remoteFunction(reference)
        : kind === 'iterable'
          ? this.remoteIterable(reference)
          : this.remoteObject(reference, methods);
    this.collected.register(value, reference);
    endpoints.set(value, this);
    return value;
  }

  private remoteObject(reference: number, methods: readonly string[]): object {
    const remote: Record<string, object> = {};
    const call = (name: string, parameters: readonly unknown[]) => {
      // A held method keeps its object alive: the other end releases both together.
      void remote;
      return iterable(this.call(reference, name, parameters));
    };
    for (const name of methods) remote[name] = (...parameters: unknown[]) => call(name, parameters);
    return remote;
  }

  private remoteFunction(reference: number): (...parameters: unknown[]) => Promise<unknown> {
    return (...parameters) => iterable(this.call(reference, '', parameters));
  }

  private remoteIterable(reference: number): AsyncIterable<unknown> {
    let over = false;
    const step = async (name: 'next' | 'return'): Promise<IteratorResult<unknown>> => {
      if (over) return endOfIteration;
      if (name === 'return') over = true;
      const result = (await this.call(reference, name, [])) as IteratorResult<unknown>;
      if (result.done) over = true;
      return result;
    };
    // The iterator refers to its iterable, so that the iterable is not collected while the loop runs.
    const remote = {
      [Symbol.asyncIterator]: () => ({ remote, next: () => step('next'), return: () => step('return') }),
    };
    return remote;
  }

  private hold(): void {
    if (this.closed) return;
    if (this.pending.size + this.serving > 0) this.port.ref();
    else this.port.unref();
  }

  private end(): void {
    this.closed = true;
    for (const { reject } of this.pending.values()) reject(new PortClosedError());
    this.pending.clear();
    for (const reference of [...this.iterators.keys()]) this.release(reference);
    this.references.clear();
  }
}

const endOfIteration: IteratorResult<unknown> = { done: true, value: undefined };

/** The promise of an async iterable can be iterated itself, so that a method that returns one can be used as it is. */
function iterable(promise: Promise<unknown>): Promise<unknown> & AsyncIterable<unknown> {
  return Object.assign(promise, {
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      const iterator = promise.then((value) => {
        if (isAsyncIterable(value)) return value[Symbol.asyncIterator]();
        throw new TypeError('What the method returned cannot be iterated.');
      });
      iterator.catch(() => undefined);
      return {
        next: async () => (await iterator).next(),
        return: async () => (await (await iterator).return?.()) ?? { done: true, value: undefined },
      };
    },
  });
}
