import { eventually } from '@tidings/testing/eventually.ts';
import { expect, onTestFinished, test } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { askForMended } from './ask-for-mended.ts';

// The service that was asked heard of the end after the page did: rows to fix stood there until the list was loaded anew.
test('an import is asked for once more a moment after one that mends it has ended', async () => {
  const told: unknown[] = [];
  let asked = 0;
  const get = async (importId: string) => {
    asked += 1;
    return endedState({ importId, leftToMend: asked === 1 ? 2 : 0 });
  };
  const mended = askForMended(get, ({ leftToMend }) => told.push(leftToMend), 1);
  onTestFinished(mended.stop);
  mended.note(endedState({ importId: 'mender', mends: 'first' }));
  await eventually(() => expect(told).toEqual([2, 0]));
});
