/** The browser's storage, or memory of this page where a private window, a policy or a quota forbids it. */
export function browserStorage(
  kind: 'localStorage' | 'sessionStorage',
): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const fallback = new Map<string, string>();
  return {
    getItem: (key) => {
      try {
        return fallback.get(key) ?? window[kind].getItem(key);
      } catch {
        return fallback.get(key) ?? null;
      }
    },
    setItem: (key, value) => {
      try {
        window[kind].setItem(key, value);
        fallback.delete(key);
      } catch {
        fallback.set(key, value);
      }
    },
    removeItem: (key) => {
      fallback.delete(key);
      try {
        window[kind].removeItem(key);
      } catch {
        // A storage that is forbidden has never held the item.
      }
    },
  };
}
