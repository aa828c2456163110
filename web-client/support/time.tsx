/** Times that go on by themselves: only their own text is drawn again. */
import { formatAgo, formatExact } from '../words/format/ago.ts';
import { formatDuration } from '../words/format/format.ts';
import { now } from './clock.ts';

/** `3 min. ago`; the moment itself stands in its title. @param at ISO 8601 */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatExact(Date.parse(at))}>
      {formatAgo(now.value - Date.parse(at))}
    </time>
  );
}

/** How long it is since a moment. @param since milliseconds since 1970 */
export function Lasting({ since }: { since: number }) {
  return <>{formatDuration(wholeSeconds(now.value - since))}</>;
}

function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000)) * 1000;
}
