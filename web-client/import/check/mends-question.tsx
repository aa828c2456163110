/** Of a file of rejected rows: which import it mends. The likeliest is chosen already. */
import type { MendedByFile } from '@tidings/contracts/files/preview.ts';
import { useEffect, useId, useState } from 'preact/hooks';
import { formatMoment } from '../../words/format/format.ts';
import { checkWords } from '../../words/words.ts';
import type { GroupedImport } from '../earlier/import-groups.ts';
import { usePlace } from '../place/place.ts';
import { likelyMended, mendable } from './mended-import.ts';

interface MendsQuestionProps {
  readonly fileName: string;
  /** The import that is chosen; null: none. */
  readonly mends: string | null;
  /** What the server says of the import that was chosen last. */
  readonly mended: MendedByFile | null;
  /** Told the id of the import, or null for none, when it is found or chosen. */
  readonly onMends: (importId: string | null) => void;
}

/** Imports among which the mended one is looked for, the newest. */
const LOOKED_AT = 100;

export function MendsQuestion({ fileName, mends, mended, onMends }: MendsQuestionProps) {
  const { access } = usePlace();
  const [candidates, setCandidates] = useState<readonly GroupedImport[]>([]);
  useEffect(() => {
    let isShown = true;
    access((api) => api.listImports({ limit: LOOKED_AT })).then(
      ({ items }) => {
        if (!isShown) return;
        const found = mendable(items);
        setCandidates(found);
        onMends(likelyMended(found, fileName));
      },
      // The rows are imported all the same, as an import that mends none.
      () => undefined,
    );
    return () => {
      isShown = false;
    };
  }, [access, fileName]);
  const id = useId();
  return (
    <div class="callout question" data-testid="mends-note">
      <p>{checkWords.isExport}</p>
      {candidates.length > 0 && (
        <p class="actions">
          <label for={id}>{checkWords.mends}</label>
          <select
            id={id}
            value={mends ?? ''}
            onChange={({ currentTarget }) => onMends(currentTarget.value || null)}
            data-testid="mends"
          >
            <option value="">{checkWords.mendsNone}</option>
            {candidates.map(({ state, left }) => (
              <option key={state.importId} value={state.importId}>
                {checkWords.mendable(state.fileName, formatMoment(Date.parse(state.acceptedAt)), left)}
              </option>
            ))}
          </select>
          {mended !== null && mended.importId === mends && mended.rowsMet !== null && (
            <span data-testid="mends-met">{checkWords.mendsMet(mended.rowsMet)}</span>
          )}
        </p>
      )}
    </div>
  );
}
