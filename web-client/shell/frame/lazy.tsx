/** A page whose code is fetched when it is first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { siteWords } from '../../words/words.ts';

type Loaded<Props> =
  | { readonly kind: 'page'; readonly page: ComponentType<Props> }
  | { readonly kind: 'failed' };

/**
 * Fetches what the next steps need. They then show at once, also where the server cannot be reached by then, or a new release has taken
 * their files from it. What cannot be fetched now is fetched when it is needed.
 */
export function fetchParts(parts: readonly (() => Promise<unknown>)[]): void {
  for (const load of parts) load().catch(() => undefined);
}

export function lazyPage<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  let cached: ComponentType<Props> | null = null;
  return function LazyPage(props: Props) {
    const [loaded, setLoaded] = useState<Loaded<Props> | null>(
      cached === null ? null : { kind: 'page', page: cached },
    );
    useEffect(() => {
      if (cached !== null) return;
      load().then(
        (module) => {
          cached = module.default;
          setLoaded({ kind: 'page', page: module.default });
        },
        () => setLoaded({ kind: 'failed' }),
      );
    }, []);
    if (loaded === null) return <p class="soft">{siteWords.loading}</p>;
    if (loaded.kind === 'failed') {
      return <p class="callout is-bad">{siteWords.notLoaded}</p>;
    }
    const Page = loaded.page;
    return <Page {...props} />;
  };
}
