/** What an element does with one server: the imports that it follows, and how it gets tokens. It outlives its element while a file is sent. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { createWebStorage, ProblemError } from '@tidings/client/index.ts';
import { createAccess, type WithAccess } from '../following/access/access.ts';
import { createFollowedImports, type FollowedImports } from '../following/followed/followed-imports.ts';
import { guardLeaving } from '../following/followed/leave-guard.ts';
import type { ImportView } from '../following/view/import-view.ts';
import type { FileCheckOptions } from '../import/place/check-options.ts';
import { createUploadLimits, type UploadLimitsReader } from '../import/place/upload-limits.ts';
import { browserStorage } from '../shell/browser/browser-storage.ts';
import { problemWords } from '../words/words.ts';

export interface SessionOptions {
  /** Origin of the server. */
  readonly server: string;
  /** Tells apart the people who use this browser; null where there is one. */
  readonly user: string | null;
  /** Whether people sign in. */
  readonly hasLogin: boolean;
  /** Whether the session is remembered in this tab alone. */
  readonly isOfTab: boolean;
}

/** The element that a session has at a time. */
export interface SessionElement {
  /** @throws whatever the page's own function throws */
  fetchUserToken(): Promise<string>;
  onChange(before: ImportView, after: ImportView): void;
}

export interface Session {
  readonly followed: FollowedImports;
  readonly access: WithAccess;
  readonly limits: UploadLimitsReader;
  readonly checking: FileCheckOptions;
  /** By import: version of its newest end that the page around was told, or that this browser knew before. */
  readonly told: Map<string, number>;
  /** The import that is shown; null: the start of one. A reload shows the same. */
  readonly shown: ReadonlySignal<string | null>;
  show(importId: string | null): void;
  /** Gives the session up. What is being sent is sent to its end; then nothing is followed any more. */
  leave(): void;
}

interface OpenSession extends Session {
  readonly hasElement: () => boolean;
  take(element: SessionElement): void;
}

/** By options and number: those of elements that are there, and those that still send. */
const sessions = new Map<string, OpenSession>();

/** The session of an element; the one that another element has left, where that still sends. */
export function joinSession(options: SessionOptions, element: SessionElement): Session {
  for (let number = 1; ; number += 1) {
    const key = JSON.stringify([options.server, options.user, options.hasLogin, options.isOfTab, number]);
    const known = sessions.get(key);
    if (known?.hasElement()) continue;
    const session = known ?? openSession(options, key);
    sessions.set(key, session);
    session.take(element);
    return session;
  }
}

function openSession({ server, user, hasLogin, isOfTab }: SessionOptions, key: string): OpenSession {
  const storage = scoped(
    browserStorage(isOfTab ? 'sessionStorage' : 'localStorage'),
    `${server}|${user ?? ''}`,
  );
  const tab = scoped(browserStorage('sessionStorage'), key);
  let element: SessionElement | null = null;
  let lastElement: SessionElement | null = null;
  const fetchUserToken = async (): Promise<string> => {
    try {
      if (lastElement !== null) return await lastElement.fetchUserToken();
    } catch {
      // The page around says itself what is wrong there.
    }
    throw noToken();
  };
  const followed = createFollowedImports({
    storage,
    hubUrl: server,
    apiUrl: server,
    fetchUserToken: hasLogin ? fetchUserToken : undefined,
    onChange: (before, after) => element?.onChange(before, after),
  });
  const withAccess = createAccess({
    apiUrl: server,
    fetchUserToken: hasLogin ? fetchUserToken : undefined,
    storage: createWebStorage(storage, 'tidings.access'),
    otherToken: followed.newestToken,
  });
  const stopGuarding = guardLeaving(followed);
  addEventListener('storage', followed.readRecent);
  followed.readRecent();
  const told = new Map(
    followed.recent
      .peek()
      .flatMap(({ importId, endedVersion }) => (endedVersion === null ? [] : [[importId, endedVersion]])),
  );
  const shown = signal(tab.getItem('tidings.shown') || null);
  return {
    followed,
    access: withAccess,
    told,
    limits: createUploadLimits({ apiUrl: server }),
    checking: {
      apiUrl: server,
      withToken: hasLogin ? (work) => withAccess((_api, token) => work(token)) : undefined,
    },
    shown,
    show: (importId) => {
      followed.shownUnsent.value = null;
      tab.setItem('tidings.shown', importId ?? '');
      shown.value = importId;
    },
    hasElement: () => element !== null,
    take: (joined) => {
      element = joined;
      lastElement = joined;
    },
    leave: () => {
      element = null;
      onceFalse(followed.isSending, () => {
        if (element !== null) return;
        followed.rest();
        stopGuarding();
        removeEventListener('storage', followed.readRecent);
        sessions.delete(key);
      });
    },
  };
}

/** Calls once, at once or later. */
function onceFalse(value: ReadonlySignal<boolean>, call: () => void): void {
  let isDone = false;
  const stop = value.subscribe((now) => {
    if (now || isDone) return;
    isDone = true;
    // The signal may call before `subscribe` has returned `stop`.
    queueMicrotask(() => stop());
    call();
  });
}

type Items = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The page around has names of its own in its storage. */
function scoped(storage: Items, scope: string): Items {
  const nameOf = (key: string) => `${key}@${scope}`;
  return {
    getItem: (key) => storage.getItem(nameOf(key)),
    setItem: (key, value) => storage.setItem(nameOf(key), value),
    removeItem: (key) => storage.removeItem(nameOf(key)),
  };
}

/** The page around gave none: it says itself why. */
function noToken(): ProblemError {
  return new ProblemError({
    status: 0,
    code: 'token_missing',
    detail: problemWords.signedOut.detail,
    retriable: false,
  });
}
