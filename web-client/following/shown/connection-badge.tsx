/** Whether the page hears from the services at this moment. */
import './connection.css';
import { connectionWords } from '../../words/words.ts';
import type { ConnectionKind } from '../view/connection.ts';

export function ConnectionBadge({ kind }: { kind: ConnectionKind }) {
  return (
    <span class={`connection is-${kind}`} data-testid="connection">
      <span class="connection-dot" aria-hidden="true" />
      {connectionWords[kind]}
    </span>
  );
}
