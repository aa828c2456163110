import { describe, expect, it } from 'vitest';
import { watchingView } from '../following/view/import-view.ts';
import { endedState, importView, sentUpload } from '../test/sample-states.ts';
import { eventsOf } from './element-events.ts';

const running = endedState({ status: 'importing', endedAt: null });
const ended = endedState();
const names = (...given: Parameters<typeof eventsOf>) => eventsOf(...given).map(({ name }) => name);

describe('the events of the element', () => {
  it('tell that an import is known, and each state of it', () => {
    const waiting = importView({ importId: null, state: null });
    const known = importView({ importId: 'a', state: running });
    expect(names(waiting, known, null)).toEqual(['tidings-started', 'tidings-progress']);
    expect(names(known, { ...known, connection: { kind: 'live', since: 1 } }, null)).toEqual([]);
  });

  it('tell the end where it comes', () => {
    const [before, after] = [
      importView({ importId: 'a', state: running }),
      importView({ importId: 'a', state: ended }),
    ];
    expect(eventsOf(before, after, null)).toEqual([
      { name: 'tidings-ended', detail: { importId: 'a', fileName: after.fileName, state: ended } },
    ]);
  });

  // A page that reloads its list of contacts at the end would do so at each reload.
  it('tell an end that came while no page was open once, and no end that this browser knows', () => {
    const opened = watchingView('a', ended.fileName, 1);
    const found = importView({ importId: 'a', state: ended, upload: null });
    expect(names(opened, found, null)).toEqual(['tidings-ended']);
    expect(names(opened, found, ended.version)).toEqual([]);
    // After a reload the notifications come again, from the first.
    const first = importView({ importId: 'a', state: running, upload: null });
    expect(names(first, found, ended.version)).toEqual([]);
  });

  it('tell the end of an undo as one more end', () => {
    const view = (status: 'undoing' | 'undone', version: number) =>
      importView({ importId: 'a', state: endedState({ status, version }) });
    const [undoing, undone] = [view('undoing', ended.version + 1), view('undone', ended.version + 2)];
    const over = importView({ importId: 'a', state: ended });
    expect(names(over, undoing, ended.version)).toEqual(['tidings-progress']);
    expect(names(undoing, undone, ended.version)).toEqual(['tidings-ended']);
    // The end before the undo, and the end of the undo, were told again at each reload.
    expect(names(watchingView('a', ended.fileName, 1), over, ended.version + 2)).toEqual([]);
    expect(names(undoing, undone, ended.version + 2)).toEqual([]);
  });

  it('tell no end of an upload that is sent again by itself', () => {
    const state = endedState({ status: 'failed', upload: 'aborted', uploadError: 'connection_broken' });
    const retrying = { ...sentUpload, phase: 'retrying' as const };
    const before = importView({ importId: 'a', state: running, upload: retrying });
    expect(names(before, { ...before, state }, null)).toEqual(['tidings-progress']);
  });

  // The upload and its channel both wanted a token, and the page around was told twice.
  it('tell a problem once that is met twice', () => {
    const problem = { code: 'token_missing', title: 'Nobody is signed in', detail: 'Sign in.' };
    const before = importView({ importId: null, state: null, problem });
    expect(names(before, { ...before, problem: { ...problem } }, null)).toEqual([]);
    expect(names(before, { ...before, problem: { ...problem, detail: 'Another.' } }, null)).toEqual([
      'tidings-problem',
    ]);
  });

  it('tell a problem with its code, also of a file that has become no import', () => {
    const before = importView({ importId: null, state: null });
    const problem = { code: 'no_email_column', title: 'No column', detail: 'Name it.' };
    expect(eventsOf(before, { ...before, problem }, null)).toEqual([
      {
        name: 'tidings-problem',
        detail: { importId: null, fileName: before.fileName, ...problem, retriable: false },
      },
    ]);
  });
});
