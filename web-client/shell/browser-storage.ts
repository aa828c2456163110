/** The browser's storage, or one for this page only: private windows and policies may forbid it, quotas may end it. */
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
        // What cannot be reached was never stored.
      }
    },
  };
}
