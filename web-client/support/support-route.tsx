/** The support page with the real services behind it, for people who hold support's token. */
import { useEffect, useMemo } from 'preact/hooks';
import { Heading } from '../shell/heading.tsx';
import { Marked } from '../shell/marked.tsx';
import { supportWords } from '../words/words.ts';
import { followAllImports } from './all-imports.ts';
import { SupportPage } from './support-page.tsx';

export default function SupportRoute({ token }: { token: string | null }) {
  return token === null ? <NoSupportToken /> : <LiveSupport key={token} token={token} />;
}

function LiveSupport({ token }: { token: string }) {
  const all = useMemo(() => followAllImports(token), [token]);
  useEffect(() => () => all.close(), [all]);
  return (
    <SupportPage
      table={all.table.value}
      connection={all.connection.value}
      problem={all.problem.value}
      asOf={all.asOf.value}
      loaded={all.loaded.value}
      hasOlder={all.hasOlder.value}
      onOlder={() => void all.loadOlder()}
    />
  );
}

/** The end of the support page’s address, which the server prints at its start. */
const TOKEN_ENDING = '#token=…';

function NoSupportToken() {
  return (
    <>
      <Heading>{supportWords.title}</Heading>
      <p class="callout" data-testid="no-support-token">
        <Marked text={supportWords.noToken} slots={{ ending: <code>{TOKEN_ENDING}</code> }} />
      </p>
    </>
  );
}
