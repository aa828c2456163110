import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Failure } from '@tidings/failures/failure.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { connectPort, exposePort, isOfClosedPort, type Remote } from './message-port-proxy.ts';

interface Connected<Target> {
  readonly remote: Remote<Target>;
  readonly near: MessagePort;
  readonly far: MessagePort;
}

function connected<Target extends object>(target: Target): Connected<Target> {
  const { port1: far, port2: near } = new MessageChannel();
  exposePort(target, far);
  onTestFinished(() => near.close());
  return { remote: connectPort<Target>(near), near, far };
}

class CodedError extends Failure {
  override readonly name = 'CodedError';
  readonly details = { line: 7 };

  constructor(message: string, cause?: unknown) {
    super('coded', message, { retriable: true, cause });
  }
}

/** Missing in the types of Node 20. */
const holdsProcess = (port: MessagePort): boolean => {
  const hasRef: unknown = Reflect.get(port, 'hasRef');
  return typeof hasRef === 'function' && hasRef.call(port) === true;
};

it('calls methods, with `this`, and passes what can be cloned as it is', async () => {
  class Counter {
    private count = 0;
    add(step: number): number {
      this.count += step;
      return this.count;
    }
    echo(value: unknown): unknown {
      return value;
    }
  }
  const { remote } = connected(new Counter());
  expect(await remote.add(2)).toBe(2);
  expect(await remote.add(3)).toBe(5);
  const values = {
    date: new Date(5),
    map: new Map([[1, { a: [undefined, null, 1n] }]]),
    bytes: new Uint8Array([1, 2]),
  };
  expect(await remote.echo(values)).toEqual(values);
  const odd = JSON.parse('{"__proto__": {"a": 1}, "holes": [], "kind": "function"}');
  expect(JSON.stringify(await remote.echo(odd))).toBe(JSON.stringify(odd));
});

it('returns any JSON unchanged', async () => {
  const { remote } = connected({ echo: (value: unknown) => value });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(JSON.stringify(await remote.echo(value))).toBe(JSON.stringify(value));
    }),
  );
});

it('calls functions of arguments and results, at any depth', async () => {
  const target = {
    each: async (options: { items: number[]; deep: { visit(item: number): string }[] }) => {
      const seen: string[] = [];
      for (const item of options.items) seen.push((await options.deep[0]?.visit(item)) ?? '');
      return { seen, again: [(times: number) => seen.join('').repeat(times)] };
    },
  };
  const { remote } = connected(target);
  const prefix = { value: '<' };
  const visit = (item: number): string => `${prefix.value}${item}>`;
  const { seen, again } = await remote.each({ items: [1, 2], deep: [{ visit }] });
  expect(seen).toEqual(['<1>', '<2>']);
  expect(await again[0]?.(2)).toBe('<1><2><1><2>');
});

it('passes instances of classes as objects with their methods', async () => {
  class Subscription {
    readonly cycle = this;
    stops = 0;
    async stop(): Promise<number> {
      this.stops += 1;
      return this.stops;
    }
  }
  const { remote } = connected({ subscribe: async () => new Subscription() });
  const subscription = await remote.subscribe();
  expect(await subscription.stop()).toBe(1);
  expect(await subscription.stop()).toBe(2);
});

it('keeps the fields of an error', async () => {
  const fail = () => Promise.reject(new CodedError('broken', new TypeError('deep')));
  const { remote } = connected({ fail });
  const error = await remote.fail().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'CodedError',
    message: 'broken',
    code: 'coded',
    retriable: true,
    details: { line: 7 },
  });
  expect(error).toMatchObject({ cause: { name: 'TypeError', message: 'deep' } });
  await expect(connectPort<{ missing(): void }>(connected({}).near).missing()).rejects.toThrow('missing');
});

it('copies only the bytes of a view, and leaves them with their owner', async () => {
  const received: Uint8Array[] = [];
  const { remote } = connected({ take: (bytes: Uint8Array) => void received.push(bytes) });
  const pooled = Buffer.from('pooled');
  expect(pooled.buffer.byteLength).toBeGreaterThan(pooled.byteLength);
  await remote.take(pooled);
  expect(received[0]).toEqual(new Uint8Array(Buffer.from('pooled')));
  expect(received[0]?.buffer.byteLength).toBe(6);
  expect(pooled.toString()).toBe('pooled');
});

it('iterates, directly and from a promise, and tells when the loop is left', async () => {
  const left: string[] = [];
  async function* count(name: string, end: number): AsyncGenerator<number> {
    try {
      for (let number = 0; number < end; number += 1) yield number;
    } finally {
      left.push(name);
    }
  }
  const target = { count, later: async () => ({ numbers: count('later', 3) }) };
  const { remote } = connected<{
    count(name: string, end: number): AsyncIterable<number>;
    later(): Promise<{ numbers: AsyncIterable<number> }>;
  }>(target);
  const seen: number[] = [];
  for await (const number of remote.count('whole', 3)) seen.push(number);
  for await (const number of (await remote.later()).numbers) seen.push(number);
  expect(seen).toEqual([0, 1, 2, 0, 1, 2]);
  for await (const number of remote.count('broken off', 1_000_000)) if (number === 2) break;
  expect(left).toEqual(['whole', 'later', 'broken off']);
});

it('passes on what an iteration throws, and ends after its end', async () => {
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new CodedError('broken');
  }
  const { remote } = connected<{ failing(): AsyncIterable<number> }>({ failing });
  const iterator = remote.failing()[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  await expect(iterator.next()).rejects.toMatchObject({ code: 'coded' });
  const other = remote.failing()[Symbol.asyncIterator]();
  await other.return?.();
  expect(await other.next()).toEqual({ done: true, value: undefined });
});

it('rejects running calls when the port closes, ends iterations, and recognises callbacks of the closed port', async () => {
  let returned = 0;
  let callback: (() => Promise<void>) | undefined;
  const target = {
    hang: () => new Promise<void>(() => undefined),
    keep: (given: () => Promise<void>) => {
      callback = given;
    },
    endless: (): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    }),
  };
  const { remote, near } = connected(target);
  await remote.keep(async () => undefined);
  expect(callback && isOfClosedPort(callback)).toBe(false);
  const iterator = remote.endless()[Symbol.asyncIterator]();
  await iterator.next();
  const closed = { code: 'port_closed', retriable: false };
  const hanging = expect(remote.hang()).rejects.toMatchObject(closed);
  near.close();
  await hanging;
  await expect(remote.hang()).rejects.toMatchObject(closed);
  await expect(iterator.next()).rejects.toMatchObject(closed);
  await eventually(() => expect(returned).toBe(1));
  await expect(callback?.()).rejects.toMatchObject(closed);
  expect(callback && isOfClosedPort(callback)).toBe(true);
  expect(isOfClosedPort(() => undefined)).toBe(false);
});

it('keeps the process alive only while a call is under way', async () => {
  let finish = (): void => undefined;
  const hang = () => new Promise<void>((resolve) => (finish = resolve));
  const { remote, near, far } = connected({ hang });
  expect([near, far].map(holdsProcess)).toEqual([false, false]);
  const hanging = remote.hang();
  await eventually(() => expect([near, far].map(holdsProcess)).toEqual([true, true]));
  finish();
  await hanging;
  expect([near, far].map(holdsProcess)).toEqual([false, false]);
});

it('aborts the signal of an error on this side when it is aborted on the other one, also where that was earlier', async () => {
  class Wait extends Failure {
    override readonly name = 'Wait';
    readonly endedBy: AbortSignal;
    constructor(endedBy: AbortSignal) {
      super('waiting', 'It waits.', { retriable: true });
      this.endedBy = endedBy;
    }
  }
  const later = new AbortController();
  const { remote } = connected({
    wait: (isAborted: boolean): unknown => {
      throw new Wait(isAborted ? AbortSignal.abort() : later.signal);
    },
  });
  const signalOf = async (isAborted: boolean): Promise<AbortSignal> => {
    const error: unknown = await remote.wait(isAborted).catch((thrown: unknown) => thrown);
    const { endedBy } = error as Wait;
    expect(endedBy).toBeInstanceOf(AbortSignal);
    return endedBy;
  };
  const earlier = await signalOf(true);
  await eventually(() => expect(earlier.aborted).toBe(true));
  const signal = await signalOf(false);
  expect(signal.aborted).toBe(false);
  later.abort();
  await eventually(() => expect(signal.aborted).toBe(true));
});

it('lets go of a callback once the other side has collected it', async () => {
  const { port1: far, port2: near } = new MessageChannel();
  onTestFinished(() => near.close());
  const held: { value: () => Promise<number>; reference: number }[] = [];
  let collect = (_reference: number): void => undefined;
  const keep = (value: () => Promise<number>) => void value;
  exposePort({ keep }, far, (onCollected) => {
    collect = onCollected;
    return {
      register: (value, reference) => void held.push({ value: value as () => Promise<number>, reference }),
    };
  });
  await connectPort<{ keep: typeof keep }>(near).keep(async () => 7);
  const [callback] = held;
  if (callback === undefined) throw new Error('the callback has not come');
  expect(await callback.value()).toBe(7);
  collect(callback.reference);
  await expect(callback.value()).rejects.toThrow('There is no method');
});

it('works between threads, with a module in TypeScript', async () => {
  const { port1, port2 } = new MessageChannel();
  const module = new URL('test/message-port-thread.ts', import.meta.url).href;
  const worker = new Worker(new URL('thread-entry.mjs', import.meta.url), {
    workerData: { module, port: port1 },
    transferList: [port1],
  });
  onTestFinished(async () => void (await worker.terminate()));
  const remote = connectPort<{ sum(numbers: AsyncIterable<number>): Promise<number>; hang(): Promise<void> }>(
    port2,
  );
  async function* numbers(): AsyncGenerator<number> {
    yield* [1, 2, 3];
  }
  expect(await remote.sum(numbers())).toBe(6);
  const hanging = expect(remote.hang()).rejects.toMatchObject({ code: 'port_closed' });
  await worker.terminate();
  await hanging;
});
