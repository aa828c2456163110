import { onTestFinished, vi } from 'vitest';

/** What a page has in a browser and Node.js lacks: its events, its frames, and whether the device is online. */
export function stubBrowser(): { readonly events: EventTarget; setOnline(isOnline: boolean): void } {
  const events = new EventTarget();
  const device = { onLine: true };
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
  vi.stubGlobal('navigator', device);
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => Number(setTimeout(draw, 0)));
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => clearTimeout(handle));
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return {
    events,
    setOnline: (isOnline) => {
      device.onLine = isOnline;
      events.dispatchEvent(new Event(isOnline ? 'online' : 'offline'));
    },
  };
}

/** A storage like the browser's, for one test. */
export function createStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => {
      items.set(key, value);
    },
    removeItem: (key) => {
      items.delete(key);
    },
  };
}
