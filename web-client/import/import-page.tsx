/** The import page: the start, or the import that the address names. */
import './import.css';
import './buckets.css';
import { hasEnded, rowsReported } from '@tidings/contracts/import-vocabulary.ts';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ImportSession } from '../following/import-session.ts';
import {
  giveUpImport,
  leaveImport,
  recentImports,
  refreshRecent,
  sessionFor,
  startImport,
  unnamed,
  unsent,
} from '../following/import-sessions.ts';
import { severalFilesProblem } from '../shell/explain.ts';
import { formatShare } from '../shell/format.ts';
import { importAddress, navigate, route } from '../shell/router.ts';
import { useDropAnywhere } from '../shell/use-drop.ts';
import { NoKey } from '../support/no-key.tsx';
import { ImportRun } from './import-run.tsx';
import { ImportStart } from './import-start.tsx';
import type { ImportView } from './import-view.ts';
import { inspectFile } from './pick-file.ts';
import type { PickedFile } from './picked-file.ts';

export function ImportPage({ importId }: { importId: string | null }) {
  const { picked, setPicked, pick, over } = usePickedFile();
  const session = unnamed.value ?? (importId === null ? null : sessionFor(importId));
  useEffect(() => (importId === null ? undefined : () => leaveImport(importId)), [importId]);
  if (session === null && importId === null) {
    return (
      <StartPage
        picked={picked}
        over={over}
        onFile={pick}
        onStart={(file) => {
          setPicked({ kind: 'none' });
          sendAndShow(file);
        }}
      />
    );
  }
  return (
    <>
      {session === null ? (
        <NoKey importId={importId ?? ''} />
      ) : (
        <ShownSession key={session.key} session={session} onFile={pick} />
      )}
      {over && <p class="veil">Let go to look inside</p>}
    </>
  );
}

/** The file that was picked last, or dropped: on any state of the page, which then gives way to the start of an import. */
function usePickedFile() {
  const [picked, setPicked] = useState<PickedFile>({ kind: 'none' });
  const latest = useRef<File | null>(null);
  const pick = useCallback((file: File) => {
    latest.current = file;
    setPicked({ kind: 'reading', name: file.name });
    leaveForStart();
    void inspectFile(file).then((result) => {
      if (latest.current === file) setPicked(result);
    });
  }, []);
  const refuseSeveral = useCallback(() => {
    latest.current = null;
    setPicked({ kind: 'refused', name: '', problem: severalFilesProblem });
    leaveForStart();
  }, []);
  return { picked, setPicked, pick, over: useDropAnywhere(pick, refuseSeveral) };
}

/** Shows the import of a file as soon as that has an address. */
function sendAndShow(file: File): void {
  startImport(file, (importId) => navigate(importAddress(importId)));
}

function ShownSession({ session, onFile }: { session: ImportSession; onFile: (file: File) => void }) {
  const view = session.view.value;
  const { file } = session;
  const waiting = unsent.value.find((other) => other === session);
  useEffect(() => {
    document.title = pageTitle(view);
  }, [view]);
  return (
    <ImportRun
      view={view}
      downloadRejected={session.downloadRejected}
      onSendAgain={file === null ? null : () => sendAndShow(file)}
      onGiveUp={waiting === undefined ? null : () => giveUpImport(waiting)}
      onFile={onFile}
    />
  );
}

function pageTitle({ state, fileName }: ImportView): string {
  if (state === null || hasEnded(state) || state.rows.total === null) return `${fileName} – Tidings`;
  return `${formatShare(rowsReported(state), state.rows.total)} ${fileName} – Tidings`;
}

/** Adds no step to the history where the page is the start already. */
function leaveForStart(): void {
  const current = route.peek();
  navigate('/', { replace: current.page === 'import' && current.importId === null });
}

interface StartPageProps {
  readonly picked: PickedFile;
  readonly over: boolean;
  readonly onFile: (file: File) => void;
  readonly onStart: (file: File) => void;
}

function StartPage({ picked, over, onFile, onStart }: StartPageProps) {
  useEffect(() => {
    document.title = 'Import contacts – Tidings';
    refreshRecent();
  }, []);
  return (
    <ImportStart
      picked={picked}
      over={over}
      recent={recentImports.value}
      unsent={unsent.value.map((session) => ({
        key: session.key,
        view: session.view.value,
        startedAt: session.startedAt,
        show: () => {
          unnamed.value = session;
        },
        giveUp: () => {
          giveUpImport(session);
          document.getElementById('main')?.focus();
        },
      }))}
      onFile={onFile}
      onStart={() => {
        if (picked.kind === 'ready') onStart(picked.file);
      }}
    />
  );
}
