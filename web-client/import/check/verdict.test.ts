import { expect, it } from 'vitest';
import { finePreview, samplePreview } from '../../test/sample-previews.ts';
import { spokenVerdict } from './verdict.tsx';

// What is read out ended with “would come back to you:”, and the reasons stood in a list that was not.
it('what is read out of a file that was looked at goes on to the reasons, the most frequent first', () => {
  expect(spokenVerdict(samplePreview())).toBe(
    'About 20,000 rows. Of the first 1,000, 940 are fine, 60 would come back to you: ' +
      '40 E-mail address missing. 15 Not a valid phone number. 5 Fewer cells than columns.',
  );
  expect(spokenVerdict(finePreview())).toBe('412 rows. All are fine.');
  // A question came with the card, and whoever hears the page heard nothing of it.
  const problems = [{ code: 'no_email_column' as const, detail: '', line: 1 }];
  expect(spokenVerdict(finePreview({ problems }))).toMatch(/Answer the question above first\.$/);
});
