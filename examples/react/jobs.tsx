// How a page uses the hook.
import { useChannel } from './use-channel.ts';

export default function Jobs({ url }: { readonly url: string }) {
  const { state, reason, subjects } = useChannel(url);
  return (
    <section aria-busy={state !== 'live'}>
      {reason !== null && <p role="status">Not connected ({reason}). What you see is from before.</p>}
      <ul>
        {[...subjects.values()].map(({ subject, type, at }) => (
          <li key={subject}>
            {subject}: {type}, {new Date(at).toLocaleTimeString()}
          </li>
        ))}
      </ul>
    </section>
  );
}
