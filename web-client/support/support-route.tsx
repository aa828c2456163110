/** The support page with the real channel behind it, for who holds support's key. */
import '../following/buckets.css';
import { useEffect, useMemo } from 'preact/hooks';
import { Heading } from '../shell/heading.tsx';
import { followAllImports } from './all-imports.ts';
import { SupportPage } from './support-page.tsx';

export default function SupportRoute({ token }: { token: string | null }) {
  return token === null ? <NoSupportKey /> : <LiveSupport key={token} token={token} />;
}

function LiveSupport({ token }: { token: string }) {
  const session = useMemo(() => followAllImports(token), [token]);
  useEffect(() => () => session.close(), [session]);
  return (
    <SupportPage
      table={session.table.value}
      connection={session.connection.value}
      problem={session.problem.value}
      loaded={session.loaded.value}
      hasOlder={session.hasOlder.value}
      onOlder={() => void session.loadOlder()}
    />
  );
}

function NoSupportKey() {
  return (
    <>
      <Heading>All imports</Heading>
      <p class="callout" data-testid="no-support-key">
        This page needs support’s key. Open the address that the server prints when it starts; it ends in{' '}
        <code>#token=…</code>
      </p>
    </>
  );
}
