import { useCallback, useRef, useState } from 'preact/hooks';
import { navigate, route } from '../router.ts';
import { severalFilesProblem } from '../shell/explain.ts';
import { useDropAnywhere } from '../shell/use-drop.ts';
import { type ChosenFile, inspectFile, withinLimit } from './chosen-file.ts';
import { uploadLimits } from './upload-limits.ts';

/** The file that was last chosen or dropped. Every state of the page then gives way to the start of an import. */
export function useChosenFile() {
  const [chosen, setChosen] = useState<ChosenFile>({ kind: 'none' });
  const latest = useRef<File | null>(null);
  const choose = useCallback((file: File) => {
    latest.current = file;
    setChosen({ kind: 'reading', name: file.name });
    leaveForStart();
    void inspectFile(file, mostBytes()).then((result) => {
      if (latest.current === file) setChosen(result);
    });
  }, []);
  const refuseSeveral = useCallback(() => {
    latest.current = null;
    setChosen({ kind: 'refused', name: '', problem: severalFilesProblem() });
    leaveForStart();
  }, []);
  const forget = useCallback(() => setChosen({ kind: 'none' }), []);
  return {
    chosen: withinLimit(chosen, mostBytes()),
    forget,
    choose,
    over: useDropAnywhere(choose, refuseSeveral),
  };
}

/** Adds no step to the browser's history where the page is the start already. */
function leaveForStart(): void {
  const current = route.peek();
  navigate('/', { replace: current.page === 'import' && current.importId === null });
}

/** Bytes of a file at most; null before the server has answered. */
export function mostBytes(): number | null {
  return uploadLimits.limits.value?.maxBytes ?? null;
}
