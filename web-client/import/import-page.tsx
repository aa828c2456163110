/** The import page: the start, or the import that the address names. */
import { hasEnded, type ImportState, rowsReported } from '@tidings/contracts/import.ts';
import { useEffect } from 'preact/hooks';
import type { FollowedImport } from '../following/followed-import.ts';
import type { ImportView } from '../following/import-view.ts';
import { lazyPage } from '../shell/lazy.tsx';
import { saveBlob } from '../shell/save-blob.ts';
import { formatShare } from '../words/format/format.ts';
import { documentTitles, rejectedWords, runWords, startWords, titled } from '../words/words.ts';
import type { Choices } from './check/choices.ts';
import type { ChosenFile } from './chosen-file.ts';
import { ImportStart, loadCheck } from './import-start.tsx';
import { NoToken } from './no-token.tsx';
import { usePlace } from './place.ts';
import { mostBytes, useChosenFile } from './use-chosen-file.ts';

const loadRun = () => import('./import-run.tsx');
const ImportRun = lazyPage(loadRun);

export function ImportPage({ importId }: { importId: string | null }) {
  const place = usePlace();
  const { followed } = place;
  const { chosen, forget, choose, over } = useChosenFile(place);
  const shown = followed.shownUnsent.value ?? (importId === null ? null : followed.find(importId));
  useEffect(() => (importId === null ? undefined : () => followed.leave(importId)), [importId]);
  if (shown === null && importId === null) {
    return (
      <StartPage
        chosen={chosen}
        over={over}
        onFile={choose}
        onStart={(file, fields) => {
          forget();
          // Its import is shown as soon as it is known.
          followed.start(file, (started) => place.show(started), fields);
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

function ShownImport({ shown, onFile }: { shown: FollowedImport; onFile: (file: File) => void }) {
  const place = usePlace();
  const { followed } = place;
  const view = shown.view.value;
  const waiting = followed.unsent.value.find((other) => other === shown);
  useEffect(() => place.showTitle(pageTitle(view)), [view]);
  return (
    <ImportRun
      view={view}
      actions={{
        ...shown.actions,
        tellWhenDone: place.tellsEnds
          ? async () => (await import('./tell-when-done.ts')).tellWhenDone(shown.view)
          : null,
        follow: (id) => ({
          followed: followed.find(id),
          leave: () => {
            // The page may be about to show that very import.
            if (place.shown.peek() !== id) followed.leave(id);
          },
        }),
        downloadRejected: async () =>
          saveBlob(await shown.fetchRejectedCsv(), rejectedWords.fileName(view.fileName)),
      }}
      onSendAgain={shown.sendAgain}
      onGiveUp={waiting === undefined ? null : () => followed.giveUp(waiting)}
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
  const place = usePlace();
  const { followed } = place;
  useEffect(() => {
    place.showTitle(documentTitles.import);
    followed.refreshRecent();
    void place.limits.ask();
    // The next steps then show at once, also where the server cannot be reached by then.
    for (const load of [loadCheck, loadRun]) load().catch(() => undefined);
    return followed.forgetGivenUp;
  }, []);
  return (
    <ImportStart
      chosen={chosen}
      over={over}
      mostBytes={mostBytes(place)}
      recent={followed.recent.value}
      givenUp={followed.givenUp.value}
      unsent={followed.unsent.value.map((sent) => ({
        key: sent.key,
        view: sent.view.value,
        startedAt: sent.startedAt,
        show: () => {
          followed.shownUnsent.value = sent;
        },
        giveUp: () => {
          followed.giveUp(sent);
          place.focusTop();
        },
      }))}
      onFile={onFile}
      onStart={onStart}
    />
  );
}
