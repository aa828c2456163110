/** The list with the real services behind it. What it is asked for stands in the address. */
import { useEffect, useMemo } from 'preact/hooks';
import { announce } from '../../shell/frame/announcer.ts';
import { useClock } from '../clock.ts';
import { useServices } from '../health/use-services.ts';
import { useResult } from '../use-result.ts';
import { useSteps } from '../use-steps.ts';
import { followAllImports } from './all-imports.ts';
import { ListPage } from './list-page.tsx';
import { listAddress, readQuery } from './list-query.ts';
import { resultSentence } from './result-sentence.ts';

export function LiveList({ token, search }: { token: string; search: string }) {
  useClock();
  const { value: services } = useServices(token);
  const query = useMemo(() => readQuery(search), [search]);
  const all = useMemo(() => followAllImports(token, {}, undefined, query), [token]);
  useEffect(() => () => all.close(), [all]);
  useEffect(() => all.ask(query), [all, query]);
  const sentence = () => resultSentence(all.table.peek(), query, Date.now(), all.hasOlder.peek());
  const sayWhatIsShown = (): void => {
    if (all.problem.peek() !== null || all.answered.peek() !== query) return;
    // The rows are drawn with the next frame.
    requestAnimationFrame(() => announce(sentence()));
  };
  useResult(query, all.answered.value === query, sentence);
  const step = useSteps();
  return (
    <ListPage
      table={all.table.value}
      services={services}
      connection={all.connection.value}
      problem={all.problem.value}
      asOf={all.asOf.value}
      loaded={all.loaded.value}
      hasOlder={all.hasOlder.value}
      query={query}
      onQuery={(next, typedIn) => step(listAddress(next), typedIn)}
      onOlder={() => void all.loadOlder().then(() => sayWhatIsShown())}
    />
  );
}
