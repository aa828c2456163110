/** A note that is shown while what support sees may lag behind. */
import { type ConnectionView, isAway } from '../../following/view/connection.ts';
import { Marked } from '../../shell/components/marked.tsx';
import { lateWords } from '../../words/support-words.ts';

export function SupportStaleNote({ connection: { kind, since } }: { connection: ConnectionView }) {
  if (kind === 'degraded') {
    return (
      <p class="callout is-warn support-note" data-testid="late-note">
        <Marked text={lateWords.late(since)} />
      </p>
    );
  }
  if (!isAway(kind)) return null;
  const reason = kind === 'offline' ? lateWords.offline : lateWords.noConnection(since);
  return (
    <p class="callout is-warn support-note" data-testid="stale-note">
      <Marked text={`${reason} ${lateWords.reconnects}`} />
    </p>
  );
}
