/** The words of the support page. `*…*` is drawn bold. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount } from '../format/format.ts';
import { takeBackResults, waitingWords } from './take-back.ts';

export const supportWords: Translation['supportWords'] = {
  title: 'Усі імпорти',
  noToken:
    'Ця сторінка потребує ключа підтримки. Відкрийте адресу, яку сервер показує під час запуску; вона закінчується на {ending}',
  show: 'Показати',
  loadOlder: 'Завантажити давніші імпорти',
  loading: 'Завантаження…',
  none: 'Імпортів ще немає',
  noneOfThisKind: 'Таких немає',
  appearsHere: 'Імпорт з’являється тут, щойно починає надходити його файл.',
  totals: { running: 'тривають', rowsPerSecond: 'рядків/с', troubled: 'завершено з помилками' },
  columns: {
    file: 'Файл',
    status: 'Стан',
    rows: 'Рядки',
    rowsPerSecond: 'Рядків/с',
    started: 'Початок',
    ended: 'Кінець',
  },
  labels: { rowsPerSecond: 'рядків/с', started: 'початок', ended: 'кінець' },
  noValue: '–',
  asOf: (at) => `Показано станом на ${formatClock(at)}.`,
  rows: (reported, total) =>
    total === null ? `поки що ${formatCount(reported)}` : `${formatCount(reported)} з ${formatCount(total)}`,
  undo: (undo) =>
    undo.endedAt === null
      ? `поки що ${takeBackResults(undo, formatCount)}`
      : takeBackResults(undo, formatCount),
  running: ({ upload, bytes, waitingFor, chunks: { completed, total } }) => {
    const phase = upload === 'receiving' ? 'надсилається' : 'імпортується';
    const chunks =
      total === null ? formatCount(completed) : `${formatCount(completed)}/${formatCount(total)}`;
    const progress = `${phase}, ${formatBytes(bytes)}, частини ${chunks}`;
    return waitingFor === null ? progress : `${waitingWords(waitingFor)}; ${progress}`;
  },
};

export const supportFilterWords: Translation['supportFilterWords'] = {
  all: 'Усі',
  running: 'Тривають',
  completed: 'Завершено',
  completed_with_errors: 'Завершено з помилками',
  failed: 'Обірвалися',
  cancelled: 'Скасовано',
  undone: 'Результати скасовано',
  sums_differ: 'Суми відрізняються',
};

export const differingWords: Translation['differingWords'] = {
  title: (count) =>
    count === 1
      ? 'Суми одного імпорту відрізняються від тих, що зберігаються поруч із контактами.'
      : `Суми відрізняються від тих, що зберігаються поруч із контактами. Таких імпортів: ${formatCount(count)}.`,
  meaning:
    'Рядки могли загубитися або бути враховані двічі. Журнал служби завдань називає, що саме відрізняється.',
  show: 'Показати лише ці',
};

export const supportStaleWords: Translation['supportStaleWords'] = {
  late: (since) =>
    `*Оновлення можуть надходити із запізненням.* Показане могло змінитися з ${formatClock(since)}. Імпорти тривають, нічого не втрачено. Ця сторінка надолужить сама.`,
  offline: '*Цей пристрій не в мережі.*',
  noConnection: (since) => `*Немає зв’язку з ${formatClock(since)}.*`,
  reconnects: 'Показане могло змінитися відтоді. Ця сторінка відновить зв’язок сама.',
};
