/** The address names an import that this browser cannot open. */
import { Heading } from '../shell/heading.tsx';

export function NoKey({ importId }: { importId: string }) {
  return (
    <>
      <Heading>This import cannot be shown here</Heading>
      <div class="callout" data-testid="no-key">
        <p>
          The key to import <span class="file-name">{importId}</span> is kept by the browser that dropped the
          file, for seven days. Please open this address there.
        </p>
        <p>
          <a class="button" href="/">
            Import a file
          </a>
        </p>
      </div>
    </>
  );
}
