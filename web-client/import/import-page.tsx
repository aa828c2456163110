/** The import page: the start, or the import that the address names. */
import { prepareChannels } from '@tidings/client/channel/prepare.ts';
import { useEffect, useState } from 'preact/hooks';
import { type FollowedImport, loadRejectedAccess } from '../following/followed/followed-import.ts';
import type { SentImport } from '../following/followed/sent-import.ts';
import { useByFrame } from '../shell/browser/use-by-frame.ts';
import { fetchParts, lazyPage } from '../shell/frame/lazy.tsx';
import { language } from '../words/format/language.ts';
import { documentTitles, startWords } from '../words/words.ts';
import type { Choices } from './check/choices.ts';
import type { ChosenFile } from './check/chosen-file.ts';
import type { UnsentImport } from './earlier/unlisted-items.tsx';
import { followIn } from './place/follow-in.ts';
import { type ImportPlace, usePlace } from './place/place.ts';
import { ImportStart, loadCheck } from './start/import-start.tsx';
import { mostBytes, useChosenFile } from './start/use-chosen-file.ts';

const loadRun = () => import('./run/import-run.tsx');
const ImportRun = lazyPage(loadRun);
const loadEarlier = () => import('./earlier/earlier-step.tsx');
const EarlierStep = lazyPage(loadEarlier);
const OpenImport = lazyPage(() => import('./open-import.tsx'));
const loadTellWhenDone = () => import('./run/tell-when-done.ts');
const loadSaveRejected = () => import('./rejected/save-rejected.ts');

export function ImportPage({ importId }: { importId: string | null }) {
  const place = usePlace();
  const { followed } = place;
  const { chosen, forget, choose, over } = useChosenFile(place);
  const shown = followed.shownUnsent.value ?? (importId === null ? null : followed.find(importId));
  const [, setOpened] = useState(0);
  useEffect(() => (importId === null ? undefined : () => followed.leave(importId)), [importId]);
  useEffect(() => {
    fetchParts([loadCheck, loadRun, loadEarlier, prepareChannels]);
  }, []);
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
        <OpenImport key={importId} importId={importId ?? ''} onOpened={() => setOpened(Date.now())} />
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
  const view = useByFrame(shown.view);
  const waiting = followed.unsent.value.find((other) => other === shown);
  useEffect(() => fetchParts([loadRejectedAccess, loadSaveRejected, loadTellWhenDone]), []);
  return (
    <ImportRun
      view={view}
      actions={{
        ...shown.actions,
        tellWhenDone: place.tellsEnds
          ? async () => (await loadTellWhenDone()).tellWhenDone(shown.view)
          : null,
        follow: followIn(place),
        downloadRejected: async (kind) => (await loadSaveRejected()).saveRejected(shown, kind),
      }}
      onSendAgain={shown.sendAgain}
      onGiveUp={waiting === undefined ? null : () => followed.giveUp(waiting)}
      onFile={onFile}
    />
  );
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
  useEffect(() => place.showTitle(documentTitles.import), [language.value]);
  useEffect(() => {
    void place.limits.ask();
    return followed.forgetGivenUp;
  }, []);
  return (
    <ImportStart
      chosen={chosen}
      over={over}
      mostBytes={mostBytes(place)}
      givenUp={followed.givenUp.value}
      onFile={onFile}
      onStart={onStart}
    >
      <EarlierStep unsent={followed.unsent.value.map((sent) => unsentImport(sent, place))} />
    </ImportStart>
  );
}

/** An import of this tab that has no address, as the list shows it. */
function unsentImport(sent: SentImport, { followed, focusTop }: ImportPlace): UnsentImport {
  return {
    key: sent.key,
    view: sent.view.value,
    startedAt: sent.startedAt,
    show: () => {
      followed.shownUnsent.value = sent;
    },
    giveUp: () => {
      followed.giveUp(sent);
      focusTop();
    },
  };
}
