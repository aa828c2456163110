/** The import page: the start, or the import that the address names. */
import './import.css';
import './buckets.css';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { hasEnded, rowsReported } from '../contracts/import-vocabulary.ts';
import { severalFilesProblem } from './explain.ts';
import { formatShare } from './format.ts';
import { ImportRun } from './import-run.tsx';
import type { ImportSession } from './import-session.ts';
import { leaveImport, recentImports, sessionFor, startImport, unnamed } from './import-sessions.ts';
import { ImportStart } from './import-start.tsx';
import type { ImportView } from './import-view.ts';
import { NoKey } from './no-key.tsx';
import { inspectFile } from './pick-file.ts';
import type { PickedFile } from './picked-file.ts';
import { importAddress, navigate } from './router.ts';

export function ImportPage({ importId }: { importId: string | null }) {
  if (importId !== null) return <NamedImport key={importId} importId={importId} />;
  if (unnamed.value !== null) return <ShownSession session={unnamed.value} />;
  return <StartPage />;
}

function NamedImport({ importId }: { importId: string }) {
  const session = sessionFor(importId);
  useEffect(() => () => leaveImport(importId), [importId]);
  return session === null ? <NoKey importId={importId} /> : <ShownSession session={session} />;
}

function ShownSession({ session }: { session: ImportSession }) {
  const view = session.view.value;
  useEffect(() => {
    document.title = pageTitle(view);
  }, [view]);
  return <ImportRun view={view} downloadRejected={session.downloadRejected} />;
}

function pageTitle({ state, fileName }: ImportView): string {
  if (state === null || hasEnded(state) || state.rows.total === null) return `${fileName} – Tidings`;
  return `${formatShare(rowsReported(state), state.rows.total)} ${fileName} – Tidings`;
}

function StartPage() {
  const [picked, setPicked] = useState<PickedFile>({ kind: 'none' });
  const latest = useRef<File | null>(null);
  useEffect(() => {
    document.title = 'Import contacts – Tidings';
  }, []);
  const pick = useCallback((file: File) => {
    latest.current = file;
    setPicked({ kind: 'reading', name: file.name });
    void inspectFile(file).then((result) => {
      if (latest.current === file) setPicked(result);
    });
  }, []);
  const refuseSeveral = useCallback(() => {
    latest.current = null;
    setPicked({ kind: 'refused', name: '', problem: severalFilesProblem });
  }, []);
  return (
    <ImportStart
      picked={picked}
      recent={recentImports()}
      onFile={pick}
      onSeveral={refuseSeveral}
      onStart={() => {
        if (picked.kind === 'ready')
          startImport(picked.file, (importId) => navigate(importAddress(importId)));
      }}
      onDiscard={() => setPicked({ kind: 'none' })}
    />
  );
}
