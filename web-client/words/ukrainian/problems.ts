/** What went wrong, in words. Details that the server gives are in English. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatDays } from '../format/format.ts';

export const problemWords: Translation['problemWords'] = {
  unknownTitle: 'Не вдалося',
  internalDetail: 'Перезавантажте сторінку й спробуйте ще раз.',
  signedOut: { title: 'Ніхто не ввійшов', detail: 'Увійдіть і спробуйте ще раз.' },
  importToken: {
    title: 'За цим імпортом не можна стежити звідси',
    detail: (tokenMilliseconds) =>
      `Ключ у цьому браузері його більше не відкриває. Строк дії ключа — ${formatDays(tokenMilliseconds)}.`,
  },
  network: {
    title: 'Сервер недоступний',
    detail: 'Перевірте з’єднання й спробуйте ще раз.',
  },
  brokenUpload: {
    title: 'Надсилання обірвалося',
    detail:
      'Зв’язок із сервером втрачено під час надсилання файлу. Якщо сервер отримав його не повністю, він відкличе те, що вже імпортував. Надішліть файл ще раз, щоб імпортувати його повністю.',
  },
  severalFiles: {
    title: 'Будь ласка, по одному файлу',
    detail: 'Кожен файл — окремий імпорт. Перетягніть перший; наступний можна додати, поки той триває.',
  },
  emptyDetail: 'Виберіть файл із назвами стовпців і контактами.',
  unreadable: {
    title: 'Файл не вдалося прочитати',
    detail: 'Можливо, це тека, або файл перемістили чи змінили після вибору. Виберіть його ще раз.',
  },
  tooLarge: (mostBytes) =>
    `За раз можна імпортувати до ${formatBytes(mostBytes)}. Розділіть файл; у кожній частині має бути рядок заголовків.`,
  asksAgain: 'Ця сторінка автоматично спробує ще раз.',
  line: (line) => `Рядок ${line}.`,
};
