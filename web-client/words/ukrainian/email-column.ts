/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */
import type { Translation } from '../english/index.ts';
import { listNames } from '../format/names.ts';

const names = (all: readonly string[]) =>
  listNames(all, { quotes: ['«', '»'], more: (count) => ` і ще ${count}`, none: 'нічого' });

export const missingEmailWords: Translation['missingEmailWords'] = {
  thenAgain: (detail) => `${detail} Потім виберіть файл ще раз.`,
  noHeader: {
    title: 'У файлі немає рядка заголовків',
    detail:
      'Його перший рядок — уже контакт. Додайте над ним рядок із назвами стовпців, а над адресами — «email».',
  },
  otherDelimiter: {
    title: 'Стовпці не вдалося розрізнити',
    detail: (delimiter) =>
      delimiter === '\t'
        ? 'Здається, їх розділено табуляцією, але назва в заголовку містить інший роздільник. Візьміть цю назву в лапки або приберіть роздільник.'
        : `Здається, їх розділено знаком «${delimiter}», але назва в заголовку містить інший роздільник. Візьміть цю назву в лапки або приберіть роздільник.`,
  },
  headerFurtherDown: {
    title: 'Перший рядок — не заголовки',
    detail: (found) => `Назви стовпців стоять нижче, у рядку ${names(found)}. Видаліть усе, що над ним.`,
  },
  noColumn: {
    title: 'У файлі немає стовпця електронної пошти',
    detail: (found) => `У заголовку є ${names(found)}. Назвіть стовпець з адресами «email».`,
  },
  notRecognised: {
    title: 'Стовпець електронної пошти не розпізнано',
    detail: (likely) =>
      likely.length === 1
        ? `Здається, це ${names(likely)}. Назвіть його в заголовку «email».`
        : `Це може бути один із таких: ${names(likely)}. Назвіть потрібний у заголовку «email».`,
  },
};
