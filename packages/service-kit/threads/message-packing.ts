/** Makes values fit for a message between threads, and takes them out again: see `message-port-proxy.ts`. */

/** A function or object that stays on its side and is called from the other one. */
export interface Reference {
  readonly kind: 'function' | 'iterable' | 'object';
  readonly reference: number;
  /** The names of an object's methods. */
  readonly methods?: readonly string[];
}

interface PackedError {
  readonly kind: 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that are signals, each as a function that calls back when its signal is aborted. */
  readonly signals?: Readonly<Record<string, number>>;
}

/** A part of the message that a structured clone cannot hold, and its path in the message. */
interface Hole {
  readonly path: readonly string[];
  readonly content: Reference | PackedError;
}

/** References and errors stand beside the value, so that they cannot be confused with a part of it. */
export interface PackedMessage {
  readonly value: unknown;
  readonly holes: readonly Hole[];
}

interface Packing {
  /** The path of the value that is being packed. */
  readonly path: string[];
  readonly holes: Hole[];
  readonly transfer: ArrayBuffer[];
  refer(value: object): number;
}

/** `refer` keeps a function or an async iterable and gives it a number. `transfer` goes with the message. */
export function pack(
  value: unknown,
  refer: (value: object) => number,
): { readonly message: PackedMessage; readonly transfer: readonly ArrayBuffer[] } {
  const packing: Packing = { path: [], holes: [], transfer: [], refer };
  const packed = packValue(value, packing);
  return { message: { value: packed, holes: packing.holes }, transfer: packing.transfer };
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function packValue(value: unknown, packing: Packing): unknown {
  if (typeof value === 'function') {
    leaveHole(packing, { kind: 'function', reference: packing.refer(value) });
    return null;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return packBytes(value, packing);
  if (Array.isArray(value)) return value.map((item, place) => packAt(item, String(place), packing));
  if (isAsyncIterable(value)) {
    leaveHole(packing, { kind: 'iterable', reference: packing.refer(value) });
    return null;
  }
  if (value instanceof Error) {
    leaveHole(packing, packError(value, packing));
    return null;
  }
  if (isCloneable(value)) return value;
  const methods = methodsOfClass(value);
  if (methods.length === 0) return packObject(value, packing);
  leaveHole(packing, { kind: 'object', reference: packing.refer(value), methods });
  return null;
}

function packAt(value: unknown, name: string, packing: Packing): unknown {
  packing.path.push(name);
  const packed = packValue(value, packing);
  packing.path.pop();
  return packed;
}

function leaveHole({ holes, path }: Packing, content: Reference | PackedError): void {
  holes.push({ path: [...path], content });
}

/** A copy that goes with the message: a view of a pool would take the whole pool along. */
function packBytes(bytes: Uint8Array, packing: Packing): Uint8Array {
  const copy = new Uint8Array(bytes);
  packing.transfer.push(copy.buffer);
  return copy;
}

/** Values that a structured clone takes as they are. */
function isCloneable(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer ||
    ArrayBuffer.isView(value)
  );
}

function packObject(value: object, packing: Packing): object {
  const packed: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    // Methods are called on their object.
    const bound: unknown = typeof field === 'function' ? field.bind(value) : field;
    define(packed, name, packAt(bound, name, packing));
  }
  return packed;
}

/** The names of methods; none for plain objects, whose fields are passed one by one. */
function methodsOfClass(value: object): string[] {
  const names = new Set<string>();
  let prototype: unknown = Object.getPrototypeOf(value);
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    for (const [name, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof member === 'function' && name !== 'constructor') names.add(name);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return [...names];
}

function packError(error: Error, { refer }: Packing): PackedError {
  const signals = Object.entries(error).filter(([, field]) => field instanceof AbortSignal);
  const references = signals.map(([name, signal]) => [name, refer(whenAborted.bind(null, signal))]);
  return { kind: 'error', fields: errorFields(error), signals: Object.fromEntries(references) };
}

function whenAborted(signal: AbortSignal, callback: () => unknown): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', () => callback(), { once: true });
}

function errorFields(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack };
  for (const name of Object.keys(error)) {
    const field: unknown = Reflect.get(error, name);
    if (isPlain(field)) define(fields, name, field);
  }
  if (error.cause instanceof Error) fields.cause = { kind: 'error', fields: errorFields(error.cause) };
  return fields;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol' || value instanceof AbortSignal) return false;
  if (typeof value !== 'object' || value === null) return true;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

export function unpack({ value, holes }: PackedMessage, remote: (reference: Reference) => object): unknown {
  let unpacked = value;
  for (const { path, content } of holes) {
    const filling = content.kind === 'error' ? unpackError(content, remote) : remote(content);
    const last = path.at(-1);
    if (last === undefined) {
      unpacked = filling;
      continue;
    }
    let holder = unpacked;
    for (const name of path.slice(0, -1)) holder = holder && Reflect.get(holder, name);
    if (holder) define(holder, last, filling);
  }
  return unpacked;
}

function unpackError({ fields, signals = {} }: PackedError, remote: (reference: Reference) => object): Error {
  const { name, message, stack, cause, ...others } = fields;
  const error = new Error(String(message));
  Object.assign(error, others);
  for (const [field, reference] of Object.entries(signals)) {
    const controller = new AbortController();
    const subscribe = remote({ kind: 'function', reference }) as (callback: () => void) => Promise<unknown>;
    // A port that is closed ends nothing.
    subscribe(() => controller.abort()).catch(() => undefined);
    define(error, field, controller.signal);
  }
  if (isPackedError(cause)) error.cause = unpackError(cause, remote);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}

function isPackedError(value: unknown): value is PackedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'error' &&
    'fields' in value
  );
}

/** Sets a field, also one named `__proto__`, which an assignment would lose. */
function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
}
