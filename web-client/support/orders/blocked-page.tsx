/** Partitions that stand at a record which fails each time. */
import { createSupportApi } from '@tidings/client/support.ts';
import type { BlockedPartitionItem } from '@tidings/contracts/services/support.ts';
import { useMemo } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { blockedWords, chunkWords } from '../../words/support-words.ts';
import { useClock } from '../clock.ts';
import { Lasting } from '../time.tsx';
import { BulkList } from './bulk-list.tsx';
import { useList } from './use-list.ts';

const placeOf = ({ group, topic, partition }: BlockedPartitionItem): string =>
  `${group} ${topic}/${partition}`;

export function BlockedPage({ token }: { token: string }) {
  useClock();
  const api = useMemo(() => createSupportApi({ token: () => token }), [token]);
  const list = useList(api.listBlocked);
  const { retry, skip } = blockedWords;
  return (
    <BulkList
      title={blockedWords.title}
      lead={blockedWords.lead}
      list={list}
      keyOf={(place) => `${placeOf(place)}/${place.offset}`}
      nameOf={placeOf}
      actions={[
        { name: 'retry', ...retry, order: (place, reason) => api.retryBlocked(place, reason) },
        { name: 'skip', ...skip, danger: true, order: (place, reason) => api.skipBlocked(place, reason) },
      ]}
    >
      {(place) => (
        <>
          <p>
            <strong>{place.group}</strong> ·{' '}
            <code>{`${place.topic}/${place.partition}/${place.offset}`}</code> · {blockedWords.since}{' '}
            <Lasting since={Date.parse(place.since)} /> · {chunkWords.attempts(formatCount(place.attempts))}
          </p>
          <p class="soft">
            <code>{place.error.code}</code> <span lang="en">{place.error.message}</span>
          </p>
        </>
      )}
    </BulkList>
  );
}
