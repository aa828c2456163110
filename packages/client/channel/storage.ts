/** Keeps a channel's id and token, so that a reload or another tab opens the same channel; for a program, also its position. */
import type { ChannelPosition } from './delivery.ts';

export interface ChannelCredentials {
  readonly channelId: string;
  readonly token: string;
}

/** The position comes only where the channel is opened with `keepsPosition`. */
export interface KeptChannel extends ChannelCredentials {
  readonly position?: ChannelPosition;
}

/**
 * Where positions are kept, every reader needs a storage of its own. Where a method throws, the channel goes on without the storage; the error is
 * told once, as a rejection that nobody handles.
 */
export interface ChannelStorage {
  load(): KeptChannel | null;
  save(kept: KeptChannel): void;
  clear(): void;
}

/** The part of `localStorage` (all tabs) or `sessionStorage` (one tab) that is used. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps them in a browser's storage. Where the browser refuses (private mode, full), nothing is kept or thrown. */
export function createWebStorage(storage: KeyValueStorage, key = 'tidings.channel'): ChannelStorage {
  return {
    load: () => attempt(() => parseKept(storage.getItem(key))),
    save: (kept) => void attempt(() => storage.setItem(key, JSON.stringify(kept))),
    clear: () => void attempt(() => storage.removeItem(key)),
  };
}

function parseKept(text: string | null): KeptChannel | null {
  const { channelId, token, position } = JSON.parse(text ?? '{}') as Partial<KeptChannel>;
  if (typeof channelId !== 'string' || typeof token !== 'string') return null;
  const isPosition = typeof position?.epoch === 'string' && Number.isSafeInteger(position.seq);
  return isPosition ? { channelId, token, position } : { channelId, token };
}

function attempt<Result>(step: () => Result): Result | null {
  try {
    return step();
  } catch {
    return null;
  }
}
