/** The import page: the start, or the import that the address names. */
import { hasEnded, type ImportState, rowsReported } from '@tidings/contracts/import.ts';
import { useEffect } from 'preact/hooks';
import type { FollowedImport } from '../following/followed-import.ts';
import type { ImportView } from '../following/import-view.ts';
import { followedImports } from '../following/this-tab.ts';
import { importAddress, navigate, route } from '../router.ts';
import { lazyPage } from '../shell/lazy.tsx';
import { saveBlob } from '../shell/save-blob.ts';
import { formatShare } from '../words/format/format.ts';
import { documentTitles, rejectedWords, runWords, startWords, titled } from '../words/words.ts';
import type { Choices } from './check/choices.ts';
import type { ChosenFile } from './chosen-file.ts';
import { ImportStart, loadCheck } from './import-start.tsx';
import { NoToken } from './no-token.tsx';
import { uploadLimits } from './upload-limits.ts';
import { mostBytes, useChosenFile } from './use-chosen-file.ts';

const loadRun = () => import('./import-run.tsx');
const ImportRun = lazyPage(loadRun);
/** Browsers have notifications in secure contexts alone. */
const mayTell = typeof Notification !== 'undefined';

export function ImportPage({ importId }: { importId: string | null }) {
  const { chosen, forget, choose, over } = useChosenFile();
  const shown =
    followedImports.shownUnsent.value ?? (importId === null ? null : followedImports.find(importId));
  useEffect(() => (importId === null ? undefined : () => followedImports.leave(importId)), [importId]);
  if (shown === null && importId === null) {
    return (
      <StartPage
        chosen={chosen}
        over={over}
        onFile={choose}
        onStart={(file, fields) => {
          forget();
          sendAndShow(file, fields);
        }}
      />
    );
  }
  return (
    <>
      {shown === null ? (
        <NoToken importId={importId ?? ''} />
      ) : (
        <ShownImport key={shown.key} shown={shown} onFile={choose} />
      )}
      {over && <p class="veil">{startWords.letGo}</p>}
    </>
  );
}

/** Sends a file, and shows its import as soon as that has an address. */
function sendAndShow(file: File, fields: Choices): void {
  followedImports.start(file, (importId) => navigate(importAddress(importId)), fields);
}

function ShownImport({ shown, onFile }: { shown: FollowedImport; onFile: (file: File) => void }) {
  const view = shown.view.value;
  const waiting = followedImports.unsent.value.find((other) => other === shown);
  useEffect(() => {
    document.title = pageTitle(view);
  }, [view]);
  return (
    <ImportRun
      view={view}
      actions={{
        ...shown.actions,
        tellWhenDone: mayTell
          ? async () => (await import('./tell-when-done.ts')).tellWhenDone(shown.view)
          : null,
        follow: (id) => ({
          followed: followedImports.find(id),
          leave: () => {
            // The page may be about to show that very import.
            const now = route.peek();
            if (now.page !== 'import' || now.importId !== id) followedImports.leave(id);
          },
        }),
        downloadRejected: async () =>
          saveBlob(await shown.fetchRejectedCsv(), rejectedWords.fileName(view.fileName)),
      }}
      onSendAgain={shown.sendAgain}
      onGiveUp={waiting === undefined ? null : () => followedImports.giveUp(waiting)}
      onFile={onFile}
    />
  );
}

function pageTitle({ state, fileName }: ImportView): string {
  if (state !== null && hasEnded(state)) return titled(endedTitle(state, fileName));
  if (state === null || state.rows.total === null) return titled(fileName);
  return titled(`${formatShare(rowsReported(state), state.rows.total)} ${fileName}`);
}

/** The tab tells the end to a person who looks at another one. */
function endedTitle({ status, rows }: ImportState, fileName: string): string {
  if (status === 'completed') return `✓ ${fileName}`;
  return status === 'completed_with_errors' && rows.rejected > 0
    ? runWords.toFixTitle(rows.rejected, fileName)
    : fileName;
}

interface StartPageProps {
  readonly chosen: ChosenFile;
  readonly over: boolean;
  readonly onFile: (file: File) => void;
  readonly onStart: (file: File, fields: Choices) => void;
}

function StartPage({ chosen, over, onFile, onStart }: StartPageProps) {
  useEffect(() => {
    document.title = documentTitles.import;
    followedImports.refreshRecent();
    void uploadLimits.ask();
    // The next steps then show at once, also where the server cannot be reached by then.
    for (const load of [loadCheck, loadRun]) load().catch(() => undefined);
    return followedImports.forgetGivenUp;
  }, []);
  return (
    <ImportStart
      chosen={chosen}
      over={over}
      mostBytes={mostBytes()}
      recent={followedImports.recent.value}
      givenUp={followedImports.givenUp.value}
      unsent={followedImports.unsent.value.map((sent) => ({
        key: sent.key,
        view: sent.view.value,
        startedAt: sent.startedAt,
        show: () => {
          followedImports.shownUnsent.value = sent;
        },
        giveUp: () => {
          followedImports.giveUp(sent);
          document.getElementById('main')?.focus();
        },
      }))}
      onFile={onFile}
      onStart={onStart}
    />
  );
}
