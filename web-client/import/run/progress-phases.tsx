/** How far an import is: one bar for the bytes that are sent and the rows that are done, and each of both in words. */
import { useRef } from 'preact/hooks';
import { type ImportView, isSentAgain } from '../../following/view/import-view.ts';
import { phaseWords } from '../../words/words.ts';
import { importPhase, type Phase, uploadPhase } from './phases.ts';

export function ProgressPhases({ view }: { view: ImportView }) {
  const upload = uploadPhase(view);
  const rows = importPhase(view);
  const phase = view.upload?.phase;
  const beginsAnew = phase === 'opening' || phase === 'retrying' || isSentAgain(view);
  const sent = useNeverLess(upload.fraction ?? 0, beginsAnew);
  const done = useNeverLess(rows.fraction ?? 0, beginsAnew);
  const mark = upload.mark === 'broken' || upload.mark === 'stopped' ? upload.mark : rows.mark;
  const value = rows.fraction === null ? {} : { 'aria-valuenow': Math.floor(done * 100) };
  return (
    <div class={`progress is-${mark}`}>
      <PhaseLine name={phaseWords.import} phase={rows} testId="import-progress-text" />
      <div
        class="track"
        role="progressbar"
        aria-label={phaseWords.import}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={rows.text}
        data-testid="import-progress"
        {...value}
      >
        <span class="track-sent" style={shareOf(sent)} />
        <span class="track-fill" style={shareOf(done)} />
      </div>
      <PhaseLine name={phaseWords.upload} phase={upload} testId="upload-progress-text" />
    </div>
  );
}

/** A share that was shown once is not taken back: what is estimated is only made more exact. */
function useNeverLess(share: number, beginsAnew: boolean): number {
  const most = useRef(0);
  most.current = beginsAnew ? share : Math.max(most.current, share);
  return most.current;
}

function shareOf(share: number) {
  return { '--share': `${share * 100}%` };
}

function PhaseLine({ name, phase, testId }: { name: string; phase: Phase; testId: string }) {
  return (
    <p class="phase-line">
      <span class="phase-name">{name}</span>
      <span class="phase-text" data-testid={testId}>
        {phase.text}
      </span>
      <span class="phase-extra">{phase.extra}</span>
    </p>
  );
}

/** One bar by itself. */
export function PhaseItem({ name, testId, phase }: { name: string; testId: string; phase: Phase }) {
  return (
    <div class={`progress is-${phase.mark}`}>
      <PhaseLine name={name} phase={phase} testId={`${testId}-text`} />
      <div
        class="track"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor((phase.fraction ?? 0) * 100)}
        aria-valuetext={phase.text}
        data-testid={testId}
      >
        <span class="track-fill" style={shareOf(phase.fraction ?? 0)} />
      </div>
    </div>
  );
}
