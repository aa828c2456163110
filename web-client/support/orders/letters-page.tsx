/** Records that were given up, of every group. */
import { createSupportApi } from '@tidings/client/support.ts';
import type { DeadLetterItem } from '@tidings/contracts/services/support.ts';
import { useMemo } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { chunkWords, letterWords } from '../../words/support-words.ts';
import { chunkName } from '../chunk-name.ts';
import { useClock } from '../clock.ts';
import { storyAddress } from '../story-address.ts';
import { Ago } from '../time.tsx';
import { BulkList } from './bulk-list.tsx';
import { useList } from './use-list.ts';

export function LettersPage({ token }: { token: string }) {
  useClock();
  const api = useMemo(() => createSupportApi({ token: () => token }), [token]);
  const list = useList(api.listDeadLetters);
  const { requeue, skip } = letterWords;
  return (
    <BulkList
      title={letterWords.title}
      lead={letterWords.lead}
      list={list}
      keyOf={({ group, id }) => `${group} ${id}`}
      nameOf={({ id }) => id}
      actions={[
        { name: 'requeue', ...requeue, order: ({ id }, reason) => api.requeueDeadLetter(id, reason) },
        { name: 'skip', ...skip, danger: true, order: ({ id }, reason) => api.skipDeadLetter(id, reason) },
      ]}
    >
      {(letter) => <Letter letter={letter} />}
    </BulkList>
  );
}

function Letter({ letter }: { letter: DeadLetterItem }) {
  const { id, group, attempts, error, failedAt, importId, chunk } = letter;
  return (
    <>
      <p>
        <strong>{group}</strong> · <code>{id}</code> · <Ago at={failedAt} /> ·{' '}
        {chunkWords.attempts(formatCount(attempts))}
        {importId !== undefined && (
          <>
            {' · '}
            <a href={storyAddress(importId)}>
              {chunk === undefined ? letterWords.itsImport : chunkName(chunk)}
            </a>
          </>
        )}
      </p>
      <p class="soft">
        <code>{error.code}</code> <span lang="en">{error.message}</span>
      </p>
    </>
  );
}
