/** Keeps a channel's id and token, so that a reload or another tab opens the same channel. */

export interface ChannelCredentials {
  readonly channelId: string;
  readonly token: string;
}

export interface ChannelStorage {
  load(): ChannelCredentials | null;
  save(credentials: ChannelCredentials): void;
  clear(): void;
}

/** The part of `localStorage` (all tabs) or `sessionStorage` (one tab) that is used. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps the credentials in a browser's storage. Where the browser refuses (private mode, full), nothing is kept or thrown. */
export function createWebStorage(storage: KeyValueStorage, key = 'tidings.channel'): ChannelStorage {
  return {
    load: () => attempt(() => parseCredentials(storage.getItem(key))),
    save: ({ channelId, token }) => {
      attempt(() => storage.setItem(key, JSON.stringify({ channelId, token })));
    },
    clear: () => {
      attempt(() => storage.removeItem(key));
    },
  };
}

function parseCredentials(text: string | null): ChannelCredentials | null {
  const { channelId, token } = JSON.parse(text ?? '{}') as Partial<ChannelCredentials>;
  return typeof channelId === 'string' && typeof token === 'string' ? { channelId, token } : null;
}

function attempt<Result>(step: () => Result): Result | null {
  try {
    return step();
  } catch {
    return null;
  }
}
