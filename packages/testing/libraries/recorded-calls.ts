/** Remembers which methods of an object are called. */

type Called = (name: string | symbol, values: readonly unknown[]) => void;

/** The same object; remembers which of its methods are called. */
export function recordCalls<Target extends object>(
  target: Target,
  names: Set<string | symbol>,
  onCall?: Called,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]) => {
        names.add(name);
        onCall?.(name, values);
        return value.apply(target, values);
      };
    },
  });
}
