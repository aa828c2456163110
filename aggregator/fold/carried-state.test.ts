import { describe, expect, test } from 'vitest';
import {
  accepted,
  completed,
  eventIdAt,
  failed,
  requeued,
  run,
  sealed,
  step,
  undo,
  uploadId,
} from './test/folded-commands.ts';

describe('a state that is carried back', () => {
  const ended = () => run([accepted(), sealed(2), completed(0), failed(1)]);

  test('goes on where the log has forgotten the import', () => {
    const { live } = ended();
    const undone = step(undefined, undo(live), 40);
    expect(undone.next?.state).toMatchObject({
      status: 'undoing',
      version: 40,
      rows: { created: 5, failed: 5 },
    });
    expect(undone.undoPage).toMatchObject({ undoId: eventIdAt(40), page: 0 });
    const again = step(undefined, requeued(1, live), 40);
    expect(again.next?.state).toMatchObject({ status: 'importing', rows: { created: 5, failed: 0 } });
  });

  test('is older than what the log holds, and is left aside', () => {
    const { live } = ended();
    const newer = run([requeued(1), completed(1)], live);
    expect(run([undo(live)], newer.live).state).toMatchObject({ status: 'undoing', rows: { created: 10 } });
    expect(run([requeued(1, live)], newer.live).ignored).toEqual([true]);
  });

  test('has a newer version afterwards, also in a log that began anew', () => {
    const late = { ...ended().live };
    const carried = { ...late, state: { ...late.state, version: 5_000 } };
    expect(step(undefined, undo(carried), 1).next?.state.version).toBe(5_001);
  });

  test('is refused where it is of another import, or has not ended', () => {
    const { live } = ended();
    const foreign = { ...live, state: { ...live.state, importId: uploadId } };
    const running = run([accepted(), completed(0)]).live;
    for (const carried of [foreign, running]) {
      expect(step(undefined, undo(carried), 9)).toMatchObject({ next: undefined, ignored: true });
    }
    expect(step(undefined, undo(), 9)).toMatchObject({ next: undefined, ignored: true });
  });
});
