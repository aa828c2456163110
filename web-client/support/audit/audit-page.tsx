/** What people have ordered, when, and why. What is looked for stands in the address. */
import { createSupportApi } from '@tidings/client/support.ts';
import type { AuditItem } from '@tidings/contracts/services/support.ts';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { auditWords } from '../../words/support-words.ts';
import { useClock } from '../clock.ts';
import { useList } from '../orders/use-list.ts';
import { useResult } from '../use-result.ts';
import { useSteps } from '../use-steps.ts';
import { AuditList } from './audit-list.tsx';
import { auditAddress, readAuditQuery } from './audit-query.ts';

/** Entries that are read at first, and more for each time that somebody asks; the server keeps 10,000. */
const AT_ONCE = 200;

type AuditPageOf = { readonly cursor?: string; readonly limit: number };

export function AuditPage({ token, search }: { token: string; search: string }) {
  useClock();
  const query = useMemo(() => readAuditQuery(search), [search]);
  const [most, setMost] = useState(AT_ONCE);
  const { q, action, who } = query;
  const read = useCallback(
    (page: AuditPageOf) =>
      createSupportApi({ token: () => token }).listAudit({
        ...{ ...page, q },
        ...(action !== null && { action }),
        ...(who !== null && { who }),
      }),
    [token, q, action, who],
  );
  const { items, hasMore, problem } = useList<AuditItem>(read, most);
  useResult(query, items !== null && problem === null, () =>
    items === null || items.length === 0
      ? auditWords.noneFound
      : auditWords.found(`${formatCount(items.length)}${hasMore ? '+' : ''}`),
  );
  const step = useSteps();
  return (
    <AuditList
      {...{ items, hasMore, problem, query }}
      onQuery={(next, typedIn) => step(auditAddress(next), typedIn)}
      onOlder={() => setMost(most + AT_ONCE)}
    />
  );
}
