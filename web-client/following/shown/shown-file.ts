/** Which import a person has before them: what is announced of another one, from another page or beside several, names its file. */
import { signal } from '@preact/signals';

/** The name of the file whose import the page shows; null where it shows none. */
export const shownFile = signal<string | null>(null);
