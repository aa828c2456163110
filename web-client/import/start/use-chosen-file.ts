import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useDropAnywhere } from '../../shell/browser/use-drop.ts';
import { severalFilesProblem } from '../../shell/services/explain.ts';
import { type ChosenFile, inspectFile, withinLimit } from '../check/chosen-file.ts';
import type { ImportPlace } from '../place/place.ts';

/** The file that was last chosen or dropped. Every state of the page then gives way to the start of an import. */
export function useChosenFile(place: ImportPlace) {
  const [inspected, setChosen] = useState<ChosenFile>({ kind: 'none' });
  const chosen = withinLimit(inspected, mostBytes(place));
  useEffect(() => {
    if (chosen.kind === 'refused') place.tellProblem(chosen.problem, chosen.name || null);
  }, [inspected, chosen.kind]);
  const latest = useRef<File | null>(null);
  const choose = useCallback((file: File) => {
    latest.current = file;
    setChosen({ kind: 'reading', name: file.name });
    leaveForStart(place);
    void inspectFile(file, mostBytes(place)).then((result) => {
      if (latest.current === file) setChosen(result);
    });
  }, []);
  const refuseSeveral = useCallback(() => {
    latest.current = null;
    setChosen({ kind: 'refused', name: '', problem: severalFilesProblem() });
    leaveForStart(place);
  }, []);
  const forget = useCallback(() => setChosen({ kind: 'none' }), []);
  return {
    chosen,
    forget,
    choose,
    over: useDropAnywhere(place.dropTarget, choose, refuseSeveral),
  };
}

/** Adds no step to the browser's history where the start is shown already. */
function leaveForStart({ shown, show }: ImportPlace): void {
  show(null, shown.peek() === null);
}

/** Bytes of a file at most; null before the server has answered. */
export function mostBytes({ limits }: ImportPlace): number | null {
  return limits.limits.value?.maxBytes ?? null;
}
