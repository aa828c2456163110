/** The upload and the import, each with a bar of its own. */
import type { ImportView } from '../following/import-view.ts';
import { phaseWords } from '../words/words.ts';
import { importPhase, type Phase, uploadPhase } from './phases.ts';

export function ProgressPhases({ view }: { view: ImportView }) {
  return (
    <ol class="phases">
      <PhaseItem name={phaseWords.upload} testId="upload-progress" phase={uploadPhase(view)} />
      <PhaseItem name={phaseWords.import} testId="import-progress" phase={importPhase(view)} />
    </ol>
  );
}

export function PhaseItem({ name, testId, phase }: { name: string; testId: string; phase: Phase }) {
  const value = phase.fraction === null ? {} : { 'aria-valuenow': Math.floor(phase.fraction * 100) };
  const open = phase.fraction === null && phase.mark === 'running';
  return (
    <li class={`phase is-${phase.mark}`}>
      <div class="phase-head">
        <span class="phase-mark" aria-hidden="true" />
        <span class="phase-name">{name}</span>
        <span class="phase-text" data-testid={`${testId}-text`}>
          {phase.text}
        </span>
      </div>
      <div
        class={open ? 'track is-open' : 'track'}
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={phase.text}
        data-testid={testId}
        {...value}
      >
        <span class="track-fill" style={{ transform: `scaleX(${phase.fraction ?? (open ? 1 : 0)})` }} />
      </div>
      {phase.extra !== null && <p class="phase-extra">{phase.extra}</p>}
    </li>
  );
}
