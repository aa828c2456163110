/** Lets the browser tell when an import has ended, for a person who does something else meanwhile. */
import type { ReadonlySignal } from '@preact/signals';
import { hasEnded } from '@tidings/contracts/imports/import.ts';
import { type ImportView, isSentAgain } from '../../following/view/import-view.ts';
import { verdictOf } from './verdict.ts';

const told = new WeakSet<ReadonlySignal<ImportView>>();

/** Asks for the permission, which a browser allows after a click alone. @returns whether it was given */
export async function tellWhenDone(view: ReadonlySignal<ImportView>): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  if (told.has(view)) return true;
  told.add(view);
  const stop = view.subscribe((now) => {
    if (now.state === null || !hasEnded(now.state) || isSentAgain(now)) return;
    // The signal may call before `subscribe` has returned `stop`.
    queueMicrotask(() => stop());
    show(verdictOf(now.state), now);
  });
  return true;
}

function show(title: string, { fileName, importId }: ImportView): void {
  try {
    new Notification(title, { body: fileName, tag: importId ?? fileName });
  } catch {
    // Browsers of phones show none that a page makes; the title of the tab tells the end there.
  }
}
