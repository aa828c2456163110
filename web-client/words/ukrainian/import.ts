/** The words of the import page. `*…*` is drawn bold, `{…}` is a place that the page fills. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatClock, formatCount, formatRows } from '../format/format.ts';
import { ofRows } from './genitive.ts';

export const startWords: Translation['startWords'] = {
  title: 'Імпорт контактів',
  lead: 'Перетягніть файл і дивіться, як кожен рядок знаходить своє місце: створено, оновлено, без змін або повернено вам із поясненням.',
  drop: 'Перетягніть сюди файл контактів або виберіть його',
  letGo: 'Відпустіть, щоб перевірити файл',
  chooseFile: 'Вибрати файл',
  chooseAnotherFile: 'Вибрати інший файл',
  chooseAgain: (fileName) => `Вибрати ${fileName} ще раз`,
  accepted: (mostBytes) =>
    mostBytes === null
      ? 'Файли CSV та Excel із Google, Outlook або будь-якої CRM. Нічого не записується, доки ви не натиснете «Імпортувати».'
      : `Файли CSV та Excel із Google, Outlook або будь-якої CRM, до ${formatBytes(mostBytes)}. Нічого не записується, доки ви не натиснете «Імпортувати».`,
  sample: 'Зразок файлу',
};

export const earlierWords: Translation['earlierWords'] = {
  title: 'Попередні імпорти',
  none: 'Ще немає. Кожен імпорт з’явиться тут, щойно хтось натисне «Імпортувати».',
  cancel: 'Скасувати',
  cancelOf: (fileName) => `Скасувати імпорт ${fileName}`,
  added: (count) => `додано ${formatCount(count)}`,
  changed: (count) => `змінено ${formatCount(count)}`,
  toFix: (count) => `виправити ${formatCount(count)}`,
  ignored: (count) => `пропущено ${formatCount(count)}`,
  notSaved: (count) => `не збережено ${formatCount(count)}`,
  onlyChecked: 'лише перевірено',
  mendsAnother: 'Виправляє попередній імпорт',
  remembered: 'Нижче те, що запам’ятав цей браузер.',
  askAgain: 'Спробувати ще раз',
};

export const openWords: Translation['openWords'] = {
  looking: 'Шукаємо імпорт…',
  title: 'Цей імпорт не можна показати тут',
  detail:
    'Немає імпорту {importId}, який цей браузер може бачити. Він належить комусь іншому або його видалено.',
  importFile: 'Імпортувати файл',
};

export const runWords: Translation['runWords'] = {
  keepOpen: 'Не закривайте цю сторінку, доки файл не надіслано.',
  mayClose: 'Цю сторінку можна закрити. Імпорт триватиме.',
  tellWhenDone: 'Повідомити, коли завершиться',
  willTell: 'Браузер повідомить, коли імпорт завершиться, поки ця сторінка відкрита в якійсь вкладці.',
  willNotTell: 'Браузер не може повідомити: дозвольте сповіщення цієї сторінки в його налаштуваннях.',
  toFixTitle: (count, fileName) => `! виправити ${formatCount(count)}, ${fileName}`,
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
  catchesUp: 'Ця сторінка оновиться сама.',
};

export const phaseWords: Translation['phaseWords'] = {
  upload: 'Надсилання',
  import: 'Імпорт',
  brokeOff: { atOnce: 'Обірвалося', after: (rows) => `Обірвалося після ${ofRows(rows)}` },
  cutOff: { atOnce: 'Скасовано', after: (rows) => `Скасовано після ${ofRows(rows)}` },
  stopped: 'Зупинено',
  complete: (bytes) => `Завершено, ${formatBytes(bytes)}`,
  waiting: (bytes) => `Очікування сервера, надіслати ${formatBytes(bytes)}`,
  sent: (sentBytes, bytes) => `Надіслано ${formatBytes(sentBytes)} з ${formatBytes(bytes)}`,
  unknown: 'Ще невідомо',
  receivedElsewhere: (bytes) => `Поки що отримано ${formatBytes(bytes)}, надсилає інша сторінка`,
  notStarted: 'Не розпочато',
  startsLater: 'Почнеться з першими отриманими рядками',
  soFar: (rows, why) => `Поки що ${formatRows(rows)}${why}`,
  rowsOf: (rows, total) => `${formatCount(rows)} з ${ofRows(total)}`,
  rowsOfAbout: (rows, about) => `${formatCount(rows)} із приблизно ${ofRows(about)}`,
  totalUnknown: {
    broken: ', із того, що надійшло',
    sent: '; загальна кількість з’явиться за мить',
    sending: '; загальна кількість буде відома після надсилання',
  },
  bytesPerSecond: (speed) => `${formatBytes(speed)}/с`,
  rowsPerSecond: (rate) => `${formatCount(rate)} рядків/с`,
};
