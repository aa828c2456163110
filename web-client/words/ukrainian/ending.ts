/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { Translation } from '../english/index.ts';
import { pluralForm } from '../format/counted.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';
import { ofRows } from './genitive.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { ukrainianRowFaults as rowFaultWords } from '@tidings/contracts/files/row-words/ukrainian.ts';

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: 'Надсилання обірвалося',
  cancelled: (notImported) =>
    notImported === 0 ? 'Скасовано' : `Скасовано: не імпортовано ${formatRows(notImported)} файлу`,
  cutOff: 'Скасовано під час надсилання файлу',
  noRows: 'У файлі є заголовки, але немає рядків',
  nothingImported: (total) =>
    total === 1
      ? 'Єдиний рядок не вдалося імпортувати.'
      : `Жодного з ${ofRows(total)} не вдалося імпортувати.`,
  added: (count) => `Додано ${formatContacts(count)}.`,
  changed: (count) => `Змінено ${formatContacts(count)}.`,
  addedAndChanged: (added, changed) => `Додано ${formatContacts(added)}, змінено ${formatCount(changed)}.`,
  allKnown: (total) => (total === 1 ? 'Єдиний рядок уже був.' : `Усі рядки вже були: ${formatCount(total)}.`),
  nothingNew: (known) => `Нічого нового: уже було ${formatRows(known)}.`,
  needYou: (count) => `Потребує вашої уваги: ${formatRows(count)}.`,
  notSaved: (count) => `Не вдалося зберегти ${formatRows(count)}.`,
  onlyChecked: 'Файл лише перевірено. Нічого не записано.',
  whole: (total, { upload, status }) => {
    const rows = pluralForm(total, { one: 'рядок', few: 'рядки', other: 'рядків' });
    if (upload !== 'aborted') return `${rows} файлу`;
    return status === 'cancelled' ? `${rows} до скасування` : `${rows} до обриву`;
  },
  sumsAgree: 'Звірено зі збереженими контактами: суми збігаються.',
  sumsDifferTitle: 'Контакти не відповідають цим числам',
  sumsDiffer: 'Суми не збігаються зі збереженими контактами. Повідомте підтримку про цей імпорт.',
  tookAMoment: 'Тривало менше ніж 0,1 с.',
  took: (milliseconds, rowsPerSecond) =>
    rowsPerSecond === null
      ? `Тривало ${formatDuration(milliseconds)}.`
      : `Тривало ${formatDuration(milliseconds)}, ${formatCount(rowsPerSecond)} рядків/с.`,
  sendAgain: 'Надішліть файл ще раз, щоб імпортувати його повністю.',
  sendAgainLater:
    'Надішліть файл ще раз, щоб імпортувати його повністю. Це почнеться, щойно додане буде відкликано.',
  importedStays: 'Уже імпортоване залишиться й вважатиметься незмінним.',
};

export const rejectedWords: Translation['rejectedWords'] = {
  titles: { toFix: 'Виправити', ignored: 'Пропущені рядки', mended: 'Виправлені рядки' },
  left: (left, all) =>
    left === 0
      ? `Виправлено ${formatCount(all)} із ${formatCount(all)}`
      : `Залишилося виправити ${formatCount(left)} із ${formatCount(all)}`,
  reasons: 'Причини',
  example: (line, cell) =>
    cell === ''
      ? `наприклад, рядок ${formatCount(line)}`
      : `наприклад, рядок ${formatCount(line)}: «${cell}»`,
  mendedHere: 'Виправлено, ще не імпортовано',
  counted: (rows) => `Пораховано серед перших: ${formatRows(rows)}.`,
  fixHere: 'Виправити тут',
  closeTable: 'Закрити таблицю',
  elsewhere:
    'Або виправте їх в електронній таблиці й перетягніть той файл на сторінку імпорту: змінюються лише ці рядки.',
  download: { xlsx: 'Завантажити для Excel', csv: 'Завантажити як CSV' },
  ignore: 'Пропустити ці рядки',
  showAgain: 'Показати знову',
  ignored: (rows) => `Пропущено: ${formatRows(rows)}`,
  ignoredMeaning:
    'Ці рядки не імпортуються, і виправляти їх не потрібно. Вони зберігаються, і їх можна показати знову.',
  shownAgain: 'Рядки показано знову.',
  preparing: 'Файл готується…',
};

export const mendWords: Translation['mendWords'] = {
  caption: 'Рядки, які треба виправити',
  how: 'Змініть хибні клітинки. Кожна зміна зберігається, щойно ви залишаєте клітинку.',
  line: 'Рядок',
  extra: 'поза заголовком',
  cell: (column, line) => `${column}, рядок ${formatCount(line)}`,
  allReasons: 'Усі причини',
  reason: 'Причина',
  saving: 'Зберігається…',
  mended: 'Виправлено',
  notRight: 'Збережено, але ще з помилкою',
  overtaken: (column, text) => `Тим часом хтось інший написав «${text}» у ${column}. Ваш текст не збережено.`,
  keepMine: 'Залишити мій',
  takeTheirs: 'Узяти інший',
  notSaved: 'Не збережено',
  taken: 'Цей рядок тим часом передано таким, яким він був раніше. Ваш текст не збережено.',
  unsaved: (lines) => `Ще не збережено: рядок ${lines}. До того нічого не імпортується.`,
  more: 'Показати ще рядки',
  none: 'Тут не залишилося рядків для виправлення.',
  hand: (count) =>
    `Імпортувати ${formatCount(count)} ${pluralForm(count, { one: 'виправлений рядок', few: 'виправлені рядки', other: 'виправлених рядків' })}`,
  handing: 'Передається…',
  handed: (count) => `Передано ${formatRows(count)}.`,
  imports: 'Імпорти виправлених рядків',
  progress: (mended, all) => `Виправлено ${formatCount(mended)} із ${formatCount(all)}`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) =>
    count === 1 ? 'Один рядок не вдалося зберегти.' : `Не вдалося зберегти ${formatRows(count)}.`,
  notWritten: (count) =>
    count === 1
      ? 'Його не записано. Сервер зберігає його: спробуйте ще раз, коли причину буде усунено.'
      : 'Жодного з них не записано. Сервер зберігає їх: спробуйте ще раз, коли причину буде усунено.',
};
