/** States of imports with what only now is known of them: who mends their rows, whether the rest is ignored, and what they wait for. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { type ListedMender, MAX_LISTED_MENDERS } from '@tidings/contact-store/kept-imports.ts';
import { hasEnded, type ImportState, MAX_MENDED_BY } from '@tidings/contracts/imports/import.ts';
import { isRetriable } from '@tidings/failures/failure.ts';
import type { FoldedImports } from './folded-from-log.ts';
import { comparePositions } from './import-position.ts';
import { byMended, leftToMend, type MendersByImport } from './left-to-mend.ts';
import { TurnCounts } from './turns.ts';
import { type WorkMonitor, type WorkView, waitingNow } from './waiting-for.ts';

/** Imports whose menders the store is asked for at once. */
const MAX_ASKED_AT_ONCE = 500;

export class ShownStates {
  readonly #folded: FoldedImports;
  readonly #contactStore: Pick<ContactStore, 'listMenders' | 'restsOf'>;
  readonly #monitor: Pick<WorkMonitor, 'view'>;
  #turns = new TurnCounts({ positions: { express: [], bulk: [] }, expressEnds: [] }, () => []);

  constructor(
    folded: FoldedImports,
    contactStore: Pick<ContactStore, 'listMenders' | 'restsOf'>,
    monitor: Pick<WorkMonitor, 'view'>,
  ) {
    this.#folded = folded;
    this.#contactStore = contactStore;
    this.#monitor = monitor;
  }

  /** In the order that they were given in. What the store knows of them is missing where it is away. */
  async of(states: readonly ImportState[]): Promise<ImportState[]> {
    return this.#withIgnored(await this.#withMenders(await this.#withWaiting(states)));
  }

  async #withMenders(states: readonly ImportState[]): Promise<ImportState[]> {
    const ids = states.filter(hasEnded).map(({ importId }) => importId);
    if (ids.length === 0) return [...states];
    const { menders, isWhole } = await this.#mendersOf(ids);
    return states.map((state) => {
      const mendedBy = (menders.get(state.importId) ?? []).map(({ importId }) => importId);
      const shown = { ...state, mendedBy: mendedBy.slice(0, MAX_MENDED_BY) };
      const isCounted = isWhole && hasEnded(state) && state.rows.rejected > 0;
      return isCounted ? { ...shown, leftToMend: leftToMend(state, menders) } : shown;
    });
  }

  /** Who mends these, and who mends those that do, the newest first; what the store knows of it is missing where it is away. */
  async #mendersOf(importIds: readonly string[]): Promise<{ menders: MendersByImport; isWhole: boolean }> {
    const live = [...this.#folded.values()].flatMap(({ state }) => asMender(state));
    const liveOf = byMended(live);
    const stored: ListedMender[] = [];
    const reached = new Set(importIds);
    let isWhole = true;
    // The store does not know what the log alone has: it is asked of each of those, too.
    for (let asked = [...reached]; asked.length > 0 && isWhole; ) {
      const found = await orNull(this.#contactStore.listMenders(asked.slice(0, MAX_ASKED_AT_ONCE)));
      isWhole = found !== null && found.length < MAX_LISTED_MENDERS;
      stored.push(...(found ?? []));
      for (const { importId } of found ?? []) reached.add(importId);
      asked = asked.slice(MAX_ASKED_AT_ONCE);
      for (const id of reached)
        for (const { importId } of liveOf.get(id) ?? [])
          if (!reached.has(importId)) {
            asked.push(importId);
            reached.add(importId);
          }
    }
    const all = [...stored, ...live.filter(({ mends }) => reached.has(mends))];
    const byId = new Map(all.map((mender) => [mender.importId, mender]));
    return { menders: byMended([...byId.values()].sort(comparePositions)), isWhole };
  }

  async #withIgnored(states: readonly ImportState[]): Promise<ImportState[]> {
    const toFix = states.filter((state) => hasEnded(state) && state.rows.rejected > 0);
    if (toFix.length === 0) return [...states];
    const ids = toFix.map(({ importId }) => importId);
    const found = await orNull(this.#contactStore.restsOf(ids));
    if (found === null) return [...states];
    const rests = new Map(found.map((rest) => [rest.importId, rest]));
    const asked = new Set(ids);
    return states.map((state) => {
      if (!asked.has(state.importId)) return state;
      const { isIgnored = false, changes = 0 } = rests.get(state.importId) ?? {};
      return { ...state, restIgnored: isIgnored, restChanges: changes };
    });
  }

  /** The states with what their imports wait for at the moment. */
  async #withWaiting(states: readonly ImportState[]): Promise<ImportState[]> {
    const live = states.map((state) => this.#folded.get(state.importId));
    if (live.every((folded) => folded === undefined)) return [...states];
    const view = await this.#monitor.view();
    const turns = this.#turnsOf(view);
    return states.map((state, index) => {
      const folded = live[index];
      return folded === undefined ? state : { ...state, waitingFor: waitingNow(folded, view, turns) };
    });
  }

  /** Counted once for all who see the same work. */
  #turnsOf({ log }: WorkView): TurnCounts {
    const work = log?.work ?? this.#turns.work;
    if (work !== this.#turns.work) this.#turns = new TurnCounts(work, () => this.#folded.values());
    return this.#turns;
  }
}

/** A database that is away hides no import that the log has. */
async function orNull<Item>(found: Promise<Item[]>): Promise<Item[] | null> {
  return found.catch((error: unknown) => {
    if (isRetriable(error)) return null;
    throw error;
  });
}

function asMender({ mends, ...state }: ImportState): ListedMender[] {
  return mends === null ? [] : [{ ...state, mends }];
}
