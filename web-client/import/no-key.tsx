/** The address names an import that this browser cannot open. */
import { Heading } from '../shell/heading.tsx';
import { KEY_LIFE_MS } from '../shell/key-life.ts';
import { Marked } from '../shell/marked.tsx';
import { noKeyWords } from '../words/import.ts';

export function NoKey({ importId }: { importId: string }) {
  return (
    <>
      <Heading>{noKeyWords.title}</Heading>
      <div class="callout" data-testid="no-key">
        <p>
          <Marked
            text={noKeyWords.detail(KEY_LIFE_MS)}
            slots={{ importId: <span class="file-name">{importId}</span> }}
          />
        </p>
        <p>
          <a class="button" href="/">
            {noKeyWords.importFile}
          </a>
        </p>
      </div>
    </>
  );
}
