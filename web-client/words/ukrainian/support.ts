/** The words of support's pages, in Ukrainian. `*…*` is drawn bold. */
import type { SupportTranslation } from '../english/support.ts';
import { formatClock, formatCount } from '../format/format.ts';
import { takeBackResults } from './take-back.ts';

export const ukrainianSupport: SupportTranslation = {
  sections: {
    label: 'Розділи підтримки',
    imports: 'Імпорти',
    leave: 'Вийти',
    noKey:
      'Ця сторінка потребує ключа підтримки. Відкрийте адресу, яку сервер показує під час запуску; вона закінчується на {ending}',
    keyRefused: {
      title: 'Цей ключ підтримки недійсний',
      detail: 'Скопіюйте адресу ще раз з того, що показує сервер.',
    },
    sessionEnded: {
      title: 'Цей сеанс підтримки завершився',
      detail: 'Відкрийте ще раз адресу, яку сервер показує під час запуску. Сеанс триває дванадцять годин.',
    },
    copyId: (id) => `Скопіювати ідентифікатор ${id}`,
    copied: 'Ідентифікатор скопійовано.',
  },
  list: {
    title: 'Усі імпорти',
    search: 'Файл або ідентифікатор',
    owner: 'Власник',
    status: 'Показати',
    ofOwner: (owner) => `Лише імпорти власника ${owner}`,
    loadOlder: 'Завантажити давніші імпорти',
    loading: 'Завантаження…',
    none: 'Імпортів ще немає',
    noneFound: 'Жоден імпорт не підходить',
    appearsHere: 'Імпорт з’являється тут, щойно починає надходити його файл.',
    running: 'тривають',
    waiting: 'чекають',
    oldest: 'найдовше',
    look: 'переглянути',
    rowsPerSecond: 'рядків/с',
    fresh: (count) => `Нових: ${count} – показати`,
    columns: {
      status: 'Стан',
      file: 'Файл, власник',
      rows: 'Рядки',
      now: 'Зараз',
      rate: 'Темп',
      started: 'Початок',
      took: 'Тривалість',
    },
    noValue: '–',
    asOf: (at) => `Показано станом на ${formatClock(at)}.`,
    rows: (reported, total) =>
      total === null
        ? `поки що ${formatCount(reported)}`
        : `${formatCount(reported)} з ${formatCount(total)}`,
    rate: (count) => `${count} рядків/с`,
    uploading: (bytes) => `Надходить, поки що ${bytes}`,
    stuck: 'Без поступу',
    undo: (undo) =>
      undo.endedAt === null
        ? `поки що ${takeBackResults(undo, formatCount)}`
        : takeBackResults(undo, formatCount),
  },
  filters: {
    all: 'Усі',
    running: 'Тривають',
    waiting: 'Чекають',
    look: 'Переглянути',
    completed: 'Завершено',
    completed_with_errors: 'Завершено з помилками',
    failed: 'Обірвалися',
    cancelled: 'Скасовано',
    undone: 'Результати скасовано',
    sums_differ: 'Суми відрізняються',
  },
  differing: {
    one: 'Суми одного імпорту відрізняються від тих, що зберігаються поруч із контактами.',
    several: (count) =>
      `Суми відрізняються від тих, що зберігаються поруч із контактами. Таких імпортів: ${count}.`,
    meaning:
      'Рядки могли загубитися або бути враховані двічі. Журнал служби завдань називає, що саме відрізняється.',
    show: 'Показати лише ці',
  },
  late: {
    late: (since) =>
      `*Оновлення можуть надходити із запізненням.* Показане могло змінитися з ${formatClock(since)}. Імпорти тривають, нічого не втрачено. Ця сторінка надолужить сама.`,
    offline: '*Цей пристрій не в мережі.*',
    noConnection: (since) => `*Немає зв’язку з ${formatClock(since)}.*`,
    reconnects: 'Показане могло змінитися відтоді. Ця сторінка відновить зв’язок сама.',
  },
};
