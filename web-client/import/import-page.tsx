/** The import page: the start, or the import that the address names. */
import './import.css';
import '../following/buckets.css';
import { hasEnded, rowsReported } from '@tidings/contracts/import.ts';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { FollowedImport } from '../following/followed-import.ts';
import {
  followedImport,
  giveUpImport,
  leaveImport,
  recentImports,
  refreshRecent,
  startImport,
  unnamed,
  unsent,
} from '../following/followed-imports.ts';
import type { ImportView } from '../following/import-view.ts';
import { importAddress, navigate, route } from '../router.ts';
import { severalFilesProblem } from '../shell/explain.ts';
import { useDropAnywhere } from '../shell/use-drop.ts';
import { formatShare } from '../words/format.ts';
import type { ChosenFile } from './chosen-file.ts';
import { inspectFile } from './chosen-file.ts';
import { ImportRun } from './import-run.tsx';
import { ImportStart } from './import-start.tsx';
import { NoKey } from './no-key.tsx';

export function ImportPage({ importId }: { importId: string | null }) {
  const { chosen, setChosen, choose, over } = useChosenFile();
  const session = unnamed.value ?? (importId === null ? null : followedImport(importId));
  useEffect(() => (importId === null ? undefined : () => leaveImport(importId)), [importId]);
  if (session === null && importId === null) {
    return (
      <StartPage
        chosen={chosen}
        over={over}
        onFile={choose}
        onStart={(file) => {
          setChosen({ kind: 'none' });
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
        <ShownSession key={session.key} session={session} onFile={choose} />
      )}
      {over && <p class="veil">Let go to look inside</p>}
    </>
  );
}

/** The file that was chosen last, or dropped: on any state of the page, which then gives way to the start of an import. */
function useChosenFile() {
  const [chosen, setChosen] = useState<ChosenFile>({ kind: 'none' });
  const latest = useRef<File | null>(null);
  const choose = useCallback((file: File) => {
    latest.current = file;
    setChosen({ kind: 'reading', name: file.name });
    leaveForStart();
    void inspectFile(file).then((result) => {
      if (latest.current === file) setChosen(result);
    });
  }, []);
  const refuseSeveral = useCallback(() => {
    latest.current = null;
    setChosen({ kind: 'refused', name: '', problem: severalFilesProblem });
    leaveForStart();
  }, []);
  return { chosen, setChosen, choose, over: useDropAnywhere(choose, refuseSeveral) };
}

/** Shows the import of a file as soon as that has an address. */
function sendAndShow(file: File): void {
  startImport(file, (importId) => navigate(importAddress(importId)));
}

function ShownSession({ session, onFile }: { session: FollowedImport; onFile: (file: File) => void }) {
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
  readonly chosen: ChosenFile;
  readonly over: boolean;
  readonly onFile: (file: File) => void;
  readonly onStart: (file: File) => void;
}

function StartPage({ chosen, over, onFile, onStart }: StartPageProps) {
  useEffect(() => {
    document.title = 'Import contacts – Tidings';
    refreshRecent();
  }, []);
  return (
    <ImportStart
      chosen={chosen}
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
        if (chosen.kind === 'ready') onStart(chosen.file);
      }}
    />
  );
}
