/** Notices that imports have come to their end while the contacts are shown, which are as they were before. */
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { createEarlierImports, type EarlierApi } from '../import/earlier/earlier-imports.ts';

/**
 * @param onEnd called where an import, or the undo of one, has ended that has changed contacts
 * @returns takes the imports as the server tells them, again and again; what has ended at first is none
 */
export function noticeEnds(onEnd: () => void): (states: readonly ImportState[]) => void {
  let known: ReadonlySet<string> | null = null;
  return (states) => {
    const ends = states.filter((state) => isAtRest(state) && hasChangedContacts(state)).map(endOf);
    const isNews = known !== null && ends.some((end) => known?.has(end) === false);
    known = new Set(ends);
    if (isNews) onEnd();
  };
}

function hasChangedContacts({ dryRun, rows: { created, updated } }: ImportState): boolean {
  return !dryRun && created + updated > 0;
}

function endOf({ importId, endedAt, undo }: ImportState): string {
  return `${importId} ${undo?.endedAt ?? endedAt}`;
}

/**
 * Asks for the imports while a person looks at the page.
 *
 * @param onEnd is told when the server was asked, in milliseconds of this clock
 * @returns asks now
 */
export function useImportEnds(api: EarlierApi | null, onEnd: (askedAt: number) => void): () => void {
  const imports = useMemo(() => {
    if (api === null) return null;
    let askedAt = 0;
    const list: EarlierApi['list'] = (query) => {
      askedAt = Date.now();
      return api.list(query);
    };
    return createEarlierImports(
      { ...api, list },
      {
        onStates: noticeEnds(() => onEnd(askedAt)),
        isLookedAt: () => document.visibilityState === 'visible',
      },
    );
  }, [api, onEnd]);
  useEffect(() => {
    imports?.refresh();
    return () => imports?.close();
  }, [imports]);
  return useCallback(() => imports?.refresh(), [imports]);
}
