/** The imports that one tab follows, by id: those that it sends, and those that it was asked to show. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ChannelCredentials } from '@tidings/client/index.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { announce } from '../../shell/frame/announcer.ts';
import { givenUpWords } from '../../words/words.ts';
import { createRememberedImports, type RememberedImport } from '../access/remembered-imports.ts';
import { isWorthSendingAgain } from '../view/import-outcome.ts';
import { type FollowedImport, type FollowOptions, followImport } from './followed-import.ts';
import { type GivenUp, type SentFields, type SentImport, sendImport } from './sent-import.ts';

export interface FollowedImports {
  /** The imports that this browser remembers, newest first, as any of its tabs has last seen them. */
  readonly recent: ReadonlySignal<readonly RememberedImport[]>;
  /** The imports of this tab that have no id: they wait for the server, or were refused before. Newest first. */
  readonly unsent: ReadonlySignal<readonly SentImport[]>;
  /** The one of `unsent` that the page shows; null where it shows none of them. */
  readonly shownUnsent: Signal<SentImport | null>;
  /** The import that was given up last, until another one is started or `forgetGivenUp` is called. */
  readonly givenUp: ReadonlySignal<GivenUpImport | null>;
  forgetGivenUp(): void;
  /** Whether leaving the page would break an upload off, or leave an import running that was cancelled. */
  readonly isSending: ReadonlySignal<boolean>;
  /**
   * Sends a file and shows the import at once. `onKnown` gets its id, unless something else is shown by then. `fields` say how the file
   * is read; default: as the server finds.
   */
  start(file: File, onKnown: (importId: string) => void, fields?: SentFields): void;
  /** Ends an import that has no id yet and waits for the server; it stays among `unsent` until it is known to be nothing. */
  giveUp(sent: SentImport): void;
  /** The import with this id; null where this browser holds no token for it. */
  find(importId: string): FollowedImport | null;
  /** Stops following an import that has ended, unless its file may be sent again. */
  leave(importId: string): void;
  /** Stops following whatever does not need this page. Who finds an import follows it again. */
  rest(): void;
  /** Reads again what this browser remembers. */
  readRecent(): void;
  /** Keeps what newer states say of imports that this browser remembers. */
  note(states: readonly ImportState[]): void;
  /** Remembers an import that another browser has started, so that it can be found. */
  remember(state: ImportState, credentials: ChannelCredentials): void;
  /** The newest token of this browser's own; all its imports have one owner, so any token will do. */
  newestToken(): RememberedImport | null;
}

export interface GivenUpImport {
  readonly fileName: string;
  readonly how: GivenUp;
}

export interface FollowedImportsOptions extends Omit<FollowOptions, 'remembered'> {
  /** Where this browser's imports are remembered. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
}

export function createFollowedImports({ storage, ...services }: FollowedImportsOptions): FollowedImports {
  const recent = signal<readonly RememberedImport[]>([]);
  const unsent = signal<readonly SentImport[]>([]);
  const shownUnsent = signal<SentImport | null>(null);
  const givenUp = signal<GivenUpImport | null>(null);
  /** Imports that may need this page. */
  const inHand = signal<readonly FollowedImport[]>([]);
  const followed = new Map<string, FollowedImport>();
  const readRecent = (): void => {
    recent.value = remembered.list();
  };
  const remembered = createRememberedImports(storage, Date.now, readRecent);
  const options = { ...services, remembered };
  const forgetUnsent = (known: SentImport): void => {
    unsent.value = unsent.peek().filter((other) => other !== known);
  };
  const takeInHand = (taken: FollowedImport): void => {
    inHand.value = [taken, ...inHand.peek().filter(needsThisPage)];
  };
  const find = (importId: string): FollowedImport | null => {
    const known = followed.get(importId);
    if (known !== undefined) return known;
    const entry = remembered.find(importId);
    if (entry === null) return null;
    const found = followImport(entry, options);
    followed.set(importId, found);
    if (entry.cancelWaits) takeInHand(found);
    return found;
  };
  readRecent();
  // Who cancels must not leave an import running unseen, whichever page is open after a reload.
  for (const { importId, cancelWaits } of remembered.list()) if (cancelWaits) find(importId);
  const leave = (importId: string): void => {
    const left = followed.get(importId);
    const state = left?.view.peek().state ?? null;
    if (left === undefined || (state !== null && left.sendAgain !== null && isWorthSendingAgain(state)))
      return;
    left.close();
    followed.delete(importId);
  };
  return {
    recent,
    unsent,
    shownUnsent,
    givenUp,
    forgetGivenUp: () => {
      givenUp.value = null;
    },
    isSending: computed(() => inHand.value.some(needsThisPage)),
    start: (file, onKnown, fields = {}) => {
      const sent = sendImport({ file, fields }, options, {
        onKnown: (importId) => {
          followed.set(importId, started);
          forgetUnsent(started);
          if (shownUnsent.peek() === started) onKnown(importId);
        },
        onGivenUp: (how) => {
          forgetUnsent(started);
          givenUp.value = { fileName: file.name, how };
          if (shownUnsent.peek() === started) shownUnsent.value = null;
          announce(givenUpWords[how](file.name));
        },
      });
      const started: SentImport = {
        ...sent,
        sendAgain: () => {
          sent.sendAgain();
          takeInHand(started);
        },
      };
      givenUp.value = null;
      unsent.value = [started, ...unsent.peek()];
      takeInHand(started);
      shownUnsent.value = started;
    },
    giveUp: (waiting) => waiting.giveUp(),
    find,
    leave: (importId) => {
      const state = followed.get(importId)?.view.peek().state ?? null;
      if (state !== null && isAtRest(state)) leave(importId);
    },
    rest: () => {
      for (const [importId, one] of followed) if (!needsThisPage(one)) leave(importId);
    },
    readRecent,
    note: (states) => states.forEach(remembered.note),
    remember: (state, { channelId, token }) => {
      const { importId, fileName, acceptedAt } = state;
      const times = { startedAt: Date.parse(acceptedAt), keptAt: Date.now() };
      const unknown = {
        status: null,
        rows: null,
        endedVersion: null,
        nothingImported: false,
        cancelWaits: false,
      };
      remembered.save({ importId, channelId, token, fileName, ...times, ...unknown });
      remembered.note(state);
    },
    newestToken: () => remembered.list().sort((a, b) => b.keptAt - a.keptAt)[0] ?? null,
  };
}

function needsThisPage({ view }: FollowedImport): boolean {
  const { upload, cancelWaits } = view.value;
  const phase = upload?.phase;
  return cancelWaits !== null || phase === 'opening' || phase === 'sending' || phase === 'retrying';
}
