/** What the pages say, in the language that is chosen. A page that reads these while it draws is drawn again with the next one. */
import { signal } from '@preact/signals';
import { english, type Translation } from './english/index.ts';
import { readSections } from './section.ts';

export const translation = signal<Translation>(english);

type Section = {
  [Name in keyof Translation]: Translation[Name] extends object ? Name : never;
}[keyof Translation];

const section: <Name extends Section>(name: Name) => Translation[Name] = readSections(
  translation,
  english as Translation,
);

export const announcements = section('announcements');
export const badgeWords = section('badgeWords');
export const bucketWords = section('bucketWords');
export const cancelWords = section('cancelWords');
export const checkWords = section('checkWords');
export const columnWords = section('columnWords');
export const connectionWords = section('connectionWords');
export const contactFieldLabels = section('contactFieldLabels');
export const documentTitles = section('documentTitles');
export const earlierWords = section('earlierWords');
export const failedWords = section('failedWords');
export const firstRowsWords = section('firstRowsWords');
export const givenUpWords = section('givenUpWords');
export const keptWords = section('keptWords');
export const mendWords = section('mendWords');
export const openWords = section('openWords');
export const phaseWords = section('phaseWords');
export const problemTitles = section('problemTitles');
export const problemWords = section('problemWords');
export const readingWords = section('readingWords');
export const rejectedWords = section('rejectedWords');
export const resendWords = section('resendWords');
export const retryWords = section('retryWords');
export const rowFaultWords = section('rowFaultWords');
export const runWords = section('runWords');
export const siteWords = section('siteWords');
export const staleWords = section('staleWords');
export const startWords = section('startWords');
export const statusWords = section('statusWords');
export const summaryWords = section('summaryWords');
export const takeBackWords = section('takeBackWords');
export const verdictWords = section('verdictWords');

export const explainUploadError: Translation['explainUploadError'] = (...values) =>
  translation.value.explainUploadError(...values);
export const takeBackTitle: Translation['takeBackTitle'] = (...values) =>
  translation.value.takeBackTitle(...values);
export const titled: Translation['titled'] = (...values) => translation.value.titled(...values);
export const waitingWords: Translation['waitingWords'] = (...values) =>
  translation.value.waitingWords(...values);
