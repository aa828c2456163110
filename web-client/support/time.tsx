/** Times that go on by themselves: only their own text is drawn again. */
import { computed } from '@preact/signals';
import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { formatAgo, formatExact } from '../words/format/ago.ts';
import { formatClock, formatDuration } from '../words/format/format.ts';
import { language } from '../words/format/language.ts';
import { chunkWords } from '../words/support-words.ts';
import { now } from './clock.ts';

/** `3 min. ago`; the moment itself stands in its title. @param at ISO 8601 */
export function Ago({ at }: { at: string }) {
  const time = Date.parse(at);
  const ago = useMemo(() => computed(() => formatAgo(now.value - time)), [time]);
  const exact = useMemo(() => formatExact(time), [time, language.value]);
  return (
    <time dateTime={at} title={exact}>
      {ago}
    </time>
  );
}

/** `next attempt at 9:41:07`, until then. What is tried may take a while, and says no more when it began. @param at ISO 8601 */
export function NextAttempt({ at }: { at: string }) {
  const due = Date.parse(at);
  const isDue = useMemo(() => computed(() => now.value >= due), [due]);
  return <>{isDue.value ? chunkWords.nextNow : chunkWords.next(formatClock(due))}</>;
}

/** Where nothing newer is known: until when times go on, milliseconds since 1970; null: they go on. */
export const KnownUntil = createContext<number | null>(null);

/** How long it is since a moment. @param since milliseconds since 1970 */
export function Lasting({ since }: { since: number }) {
  const until = useContext(KnownUntil);
  const lasting = useMemo(
    () => computed(() => formatDuration(wholeSeconds((until ?? now.value) - since))),
    [since, until],
  );
  return <>{lasting}</>;
}

function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000)) * 1000;
}
