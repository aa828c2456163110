/** The address names an import that this browser cannot open. */
import { Heading } from '../shell/heading.tsx';
import { Marked } from '../shell/marked.tsx';
import { TOKEN_LIFE_MS } from '../shell/token-life.ts';
import { noTokenWords } from '../words/words.ts';
import { ImportLink } from './import-link.tsx';

export function NoToken({ importId }: { importId: string }) {
  return (
    <>
      <Heading>{noTokenWords.title}</Heading>
      <div class="callout" data-testid="no-token">
        <p>
          <Marked
            text={noTokenWords.detail(TOKEN_LIFE_MS)}
            slots={{ importId: <span class="file-name">{importId}</span> }}
          />
        </p>
        <p>
          <ImportLink to={null} class="button">
            {noTokenWords.importFile}
          </ImportLink>
        </p>
      </div>
    </>
  );
}
