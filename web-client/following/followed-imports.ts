/** The imports that this tab follows, by id: those it sends, and those it has been asked to show. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { createApi } from '@tidings/client/index.ts';
import { endedStatuses, hasEnded } from '@tidings/contracts/import.ts';
import { route } from '../router.ts';
import { announce } from '../shell/announcer.ts';
import { browserStorage } from '../shell/browser-storage.ts';
import { isWorthSendingAgain } from '../words/words.ts';
import { type FollowedImport, followImport, type SentImport, sendFile } from './followed-import.ts';
import { createRememberedImports, type RememberedImport } from './remembered-imports.ts';

const memory = createRememberedImports(browserStorage('localStorage'), Date.now, readRecent);

/** The imports of this browser, newest first, as last seen by any of its tabs. */
export const recentImports = signal<readonly RememberedImport[]>([]);

const sessions = new Map<string, FollowedImport>();

/** The imports of this tab that have no id: they wait for the server, or were refused before they got one. Newest first. */
export const unsent = signal<readonly SentImport[]>([]);

/** The one of them that is shown. */
export const unnamed = signal<SentImport | null>(null);

// Going anywhere leaves it; as soon as it has an id it is found under that.
route.subscribe(() => {
  unnamed.value = null;
});

/** Sends a file and shows it at once; `onKnown` tells its id, unless the reader has gone elsewhere by then. */
export function startImport(file: File, onKnown: (importId: string) => void): void {
  const session = sendFile(file, memory, (importId) => {
    sessions.set(importId, session);
    forget(session);
    if (unnamed.peek() === session) onKnown(importId);
  });
  unsent.value = [session, ...unsent.peek()];
  unnamed.value = session;
  guard(session.view);
}

/** Ends an import of which nothing was sent; one whose upload has begun goes on. */
export function giveUpImport(session: SentImport): void {
  if (!session.giveUp()) return;
  forget(session);
  if (unnamed.peek() === session) unnamed.value = null;
  announce(`${session.file.name} will not be imported. Nothing of it was sent.`);
}

function forget(session: SentImport): void {
  unsent.value = unsent.peek().filter((other) => other !== session);
}

/** The session that shows this import; null where this browser holds no key to it. */
export function followedImport(importId: string): FollowedImport | null {
  const known = sessions.get(importId);
  if (known !== undefined) return known;
  const remembered = memory.find(importId);
  if (remembered === null) return null;
  const session = followImport(remembered, memory);
  sessions.set(importId, session);
  return session;
}

/** Called when the page leaves an import: one that has ended needs no channel any more, unless its file may be sent again. */
export function leaveImport(importId: string): void {
  const session = sessions.get(importId);
  const state = session?.view.peek().state ?? null;
  if (session === undefined || state === null || !hasEnded(state)) return;
  if (session.file !== null && isWorthSendingAgain(state)) return;
  session.close();
  sessions.delete(importId);
}

function readRecent(): void {
  recentImports.value = memory.list();
}

/** Reads again what this browser knows, and asks the server how those stand that no page follows. */
export function refreshRecent(): void {
  readRecent();
  for (const { importId, token, status } of recentImports.peek()) {
    if (sessions.has(importId) || (status !== null && endedStatuses.has(status))) continue;
    const api = createApi({ token: () => token });
    // Without an answer the list shows what it showed.
    api.getImport(importId).then(memory.note, () => undefined);
  }
}

// Another tab has changed it.
addEventListener('storage', readRecent);

/** Any key of this browser's own: imports of one owner share it. */
export function newestKey(): RememberedImport | null {
  return memory.list()[0] ?? null;
}

/** While bytes are on their way, leaving the page asks first: the upload would break off. */
function guard(view: FollowedImport['view']): void {
  const sending = computed(() => {
    const phase = view.value.upload?.phase;
    return phase === 'opening' || phase === 'sending';
  });
  whileTrue(sending, () => {
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  });
}

function whileTrue(condition: ReadonlySignal<boolean>, start: () => () => void): void {
  let stop: (() => void) | null = null;
  condition.subscribe((holds) => {
    if (holds && stop === null) stop = start();
    else if (!holds) {
      stop?.();
      stop = null;
    }
  });
}
