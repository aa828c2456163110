import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import { expect, it } from 'vitest';
import { endedWith } from '../../test/sample-states.ts';
import { StoryActions } from './story-actions.tsx';

const orders = {
  ...{ cancel: async () => '', undo: async () => '', requeueAll: async () => '' },
  ...{ requeueChunk: async () => '', retryChunk: async () => '', skipChunk: async () => '' },
};
const dead: ChunkItem = {
  ...{ chunk: 1, status: 'dead', firstLine: 1_252, rows: 1_250, attempts: 3 },
  ...{ error: null, nextAttemptAt: null },
};

// “Work off all failed chunks again” and “Try the failed rows again” stood side by side, and gave the same order.
it('what has failed is worked off again by one button, which tells chunks and rows', () => {
  const state = endedWith({ created: 1_250, failed: 1_250 });
  const buttons = StoryActions({ state, chunks: [dead], orders })?.props.children;
  expect(buttons.map(({ key }: { key: string }) => key)).toEqual(['requeue', 'undo']);
  expect(buttons[0].props.children).toBe(
    'Chunks that failed and wait for somebody: 1. 1,250 rows could not be saved.',
  );
});
