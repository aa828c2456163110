/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Delimiter } from '@tidings/contracts/csv.ts';
import type { Translation } from '../english/index.ts';
import { pluralForm } from '../format/counted.ts';
import {
  formatBytes,
  formatClock,
  formatColumns,
  formatCount,
  formatDays,
  formatDuration,
  formatRows,
} from '../format/format.ts';

export const startWords: Translation['startWords'] = {
  title: 'Імпорт контактів',
  lead: 'Покладіть файл і дивіться, як кожен рядок знаходить своє місце: створено, оновлено, без змін або повернено вам із поясненням.',
  drop: 'Покладіть сюди файл CSV',
  letGo: 'Відпустіть, щоб перевірити файл',
  chooseFile: 'Вибрати файл',
  chooseAnotherFile: 'Вибрати інший файл',
  chooseAgain: (fileName) => `Вибрати ${fileName} ще раз`,
  requirements: {
    label: 'Що має бути у файлі',
    header: '*CSV* із рядком заголовків',
    email: 'стовпець з *електронними адресами*',
    delimiters: '*, ;* табуляція або *|* між клітинками',
    encoding: (mostBytes) =>
      mostBytes === null
        ? 'будь-яке поширене *кодування*'
        : `будь-яке поширене *кодування*, до *${formatBytes(mostBytes)}*`,
  },
};

const delimiterWords: Record<Delimiter, string> = {
  ',': 'розділено комами',
  ';': 'розділено крапками з комою',
  '\t': 'розділено табуляцією',
  '|': 'розділено знаком |',
};

export const previewWords: Translation['previewWords'] = {
  file: (bytes, delimiter, columns) =>
    `${formatBytes(bytes)}, ${delimiterWords[delimiter]}, ${formatColumns(columns)}`,
  start: 'Почати імпорт',
  rows: 'Перші рядки файлу',
  caption: 'Заголовки та перші рядки файлу',
  captionWithoutRows: 'У файлі є заголовки, але рядків ще немає',
};

export const recentWords: Translation['recentWords'] = {
  title: 'Ваші останні імпорти',
  cancel: 'Скасувати',
  cancelOf: (fileName) => `Скасувати імпорт ${fileName}`,
  started: (moment, rows) => (rows === null ? moment : `${moment}, ${formatRows(rows)}`),
};

export const noTokenWords: Translation['noTokenWords'] = {
  title: 'Цей імпорт не можна показати тут',
  detail: (tokenMilliseconds) =>
    `Ключ до імпорту {importId} зберігає протягом ${formatDays(tokenMilliseconds)} той браузер, у який поклали файл. Відкрийте цю адресу там.`,
  importFile: 'Імпортувати файл',
};

export const runWords: Translation['runWords'] = {
  progress: 'Перебіг',
  rowsByOutcome: 'Рядки за результатом',
  importAnother: 'Імпортувати інший файл',
  importFile: 'Імпортувати файл',
  seeContacts: 'Переглянути контакти',
  sendAgain: 'Надіслати ще раз',
  numbersLag: (stateAt) =>
    `Числа нижче — станом на ${formatClock(stateAt)}. Решта з’явиться, щойно сервер стане доступним.`,
};

export const staleWords: Translation['staleWords'] = {
  offline: 'Цей пристрій не в мережі.',
  noConnection: (since) => `Немає зв’язку з ${formatClock(since)}.`,
  unreachable: 'Сервер недоступний.',
  unsent:
    'Файл ще на цьому пристрої. Його буде надіслано, щойно сервер відповість: не закривайте цю сторінку або скасуйте імпорт.',
  late: 'Оновлення можуть надходити із запізненням.',
  notAvailable: 'Оновлення наживо зараз недоступні.',
  unsentWhileLate:
    'Файл ще на цьому пристрої, і його буде надіслано, щойно вони відновляться: не закривайте цю сторінку або скасуйте імпорт.',
  asOf: (stateAt) => `Числа — станом на ${formatClock(stateAt)}.`,
  keepOpen: 'Не закривайте цю сторінку: файл ще надсилається.',
  independent: 'Імпорт не залежить від цієї сторінки.',
  reconnects: 'Ця сторінка відновить зв’язок сама.',
  goesOn: 'Імпорт триває, нічого не втрачено.',
  catchesUp: 'Ця сторінка надолужить сама.',
};

export const phaseWords: Translation['phaseWords'] = {
  upload: 'Надсилання',
  import: 'Імпорт',
  brokeOff: { atOnce: 'Обірвалося', after: (rows) => `Обірвалося після ${formatRows(rows)}` },
  cutOff: { atOnce: 'Зупинено', after: (rows) => `Зупинено після ${formatRows(rows)}` },
  stopped: 'Зупинено',
  complete: (bytes) => `Завершено, ${formatBytes(bytes)}`,
  waiting: (bytes) => `Очікування сервера, надіслати ${formatBytes(bytes)}`,
  sent: (sentBytes, bytes) => `Надіслано ${formatBytes(sentBytes)} з ${formatBytes(bytes)}`,
  unknown: 'Ще невідомо',
  receivedElsewhere: (bytes) => `Поки що отримано ${formatBytes(bytes)}, надсилає інша сторінка`,
  notStarted: 'Не розпочато',
  startsLater: 'Почнеться з першими отриманими рядками',
  soFar: (rows, why) => `Поки що ${formatRows(rows)}${why}`,
  rowsOf: (rows, total) => `${formatCount(rows)} з ${formatRows(total)}`,
  cancelledAfter: (rows, total) => `Скасовано після ${formatCount(rows)} з ${formatRows(total)}`,
  allThatArrived: (rows) => `${formatRows(rows)}, усе, що надійшло`,
  totalUnknown: {
    broken: ', із того, що надійшло',
    sent: '; загальна кількість з’явиться за мить',
    sending: '; загальна кількість буде відома після надсилання',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/с`,
  rowsPerSecond: (rate) => `${formatCount(rate)} рядків/с`,
};

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: 'Надсилання обірвалося',
  cancelled: (notImported) =>
    notImported === 0 ? 'Скасовано' : `Скасовано: не імпортовано ${formatRows(notImported)} файлу`,
  cutOff: 'Скасовано під час надсилання файлу',
  noRows: 'У файлі є заголовки, але немає рядків',
  nothingImported: (total) =>
    total === 1
      ? 'Єдиний рядок не вдалося імпортувати.'
      : `Не вдалося імпортувати жодного рядка, усього ${formatRows(total)}.`,
  accountedFor: (total) =>
    total === 1 ? 'Єдиний рядок враховано' : `Усі рядки враховано: ${formatCount(total)}`,
  whole: (total, { upload, status }) => {
    const rows = pluralForm(total, { one: 'рядок', few: 'рядки', other: 'рядків' });
    if (upload !== 'aborted') return `${rows} файлу`;
    return status === 'cancelled' ? `${rows} до скасування` : `${rows} до обриву`;
  },
  sumsAgree: 'Перевірено: суми збігаються з тими, що зберігаються поруч із контактами.',
  sumsDifferTitle: 'Контакти не відповідають цим числам',
  sumsDiffer:
    'Суми відрізняються від тих, що зберігаються поруч із контактами. Повідомте підтримку про цей імпорт.',
  tookAMoment: 'Тривало менше ніж 0,1 с.',
  took: (milliseconds, rowsPerSecond) =>
    rowsPerSecond === null
      ? `Тривало ${formatDuration(milliseconds)}.`
      : `Тривало ${formatDuration(milliseconds)}, ${formatCount(rowsPerSecond)} рядків/с.`,
  sendAgain: 'Надішліть файл ще раз, щоб імпортувати його повністю.',
  sendAgainLater:
    'Надішліть файл ще раз, щоб імпортувати його повністю. Це почнеться, щойно додане буде скасовано.',
  importedStays: 'Уже імпортоване залишиться й вважатиметься незмінним.',
};

export const rejectedWords: Translation['rejectedWords'] = {
  title: (count) => (count === 1 ? 'Один рядок відхилено.' : `Відхилено ${formatRows(count)}.`),
  comeBack: (count) =>
    count === 1
      ? 'Він повернеться файлом CSV з номером рядка, кодом і причиною.'
      : 'Вони повернуться файлом CSV з номером рядка, кодом і причиною.',
  fix: 'Виправте клітинки в електронній таблиці чи редакторі й покладіть той файл сюди: змінюються лише ці рядки.',
  download: (count) => (count === 1 ? 'Завантажити відхилений рядок' : 'Завантажити відхилені рядки'),
  preparing: 'Файл готується…',
  notFetched: 'Не вдалося отримати файл. Спробуйте ще раз.',
  fileName: (fileName) => `${fileName.replace(/\.[^.]*$/, '')}-rejected.csv`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) =>
    count === 1 ? 'Один рядок не вдалося зберегти.' : `Не вдалося зберегти ${formatRows(count)}.`,
  notWritten: (count) =>
    count === 1
      ? 'Його не записано. Сервер зберігає його: спробуйте ще раз, коли причину буде усунено.'
      : 'Жодного з них не записано. Сервер зберігає їх: спробуйте ще раз, коли причину буде усунено.',
};
