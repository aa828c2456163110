/** Rejected rows go back to the reader as a file, to be fixed and imported again. */
import { useState } from 'preact/hooks';
import { ActionButton } from '../shell/action-button.tsx';
import { rejectedWords } from '../words/words.ts';

interface RejectedRowsProps {
  readonly count: number;
  readonly download: () => Promise<void>;
}

export function RejectedRows({ count, download }: RejectedRowsProps) {
  const [step, setStep] = useState<'idle' | 'busy' | 'failed'>('idle');
  const start = (): void => {
    setStep('busy');
    download().then(
      () => setStep('idle'),
      () => setStep('failed'),
    );
  };
  return (
    <div class="callout is-warn">
      <p>
        <strong>{rejectedWords.title(count)}</strong> {rejectedWords.comeBack(count)}
      </p>
      <p>{rejectedWords.fix}</p>
      <p>
        <ActionButton busy={step === 'busy'} onClick={start} testId="download-rejected">
          {step === 'busy' ? rejectedWords.preparing : rejectedWords.download(count)}
        </ActionButton>
      </p>
      {step === 'failed' && <p role="alert">{rejectedWords.notFetched}</p>}
    </div>
  );
}
