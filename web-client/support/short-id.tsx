/** The end of an id, which is enough to tell two apart, and a way to copy the whole. */
import { announce } from '../shell/frame/announcer.ts';
import { sectionWords } from '../words/support-words.ts';

/** Characters that are shown. */
const SHOWN = 4;

export function ShortId({ id }: { id: string }) {
  const text = `…${id.slice(-SHOWN)}`;
  // Browsers give no clipboard to a page that came by plain HTTP from another machine.
  if (navigator.clipboard === undefined)
    return (
      <span class="short-id" title={id}>
        {text}
      </span>
    );
  return (
    <button
      type="button"
      class="short-id"
      title={id}
      aria-label={sectionWords.copyId(text)}
      onClick={() => void navigator.clipboard.writeText(id).then(() => announce(sectionWords.copied))}
    >
      {text}
    </button>
  );
}
