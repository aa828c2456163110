/** The words for what becomes of imports and of rows: every page says the same. */
import type { Translation } from '../english/index.ts';

export const statusWords: Translation['statusWords'] = {
  accepted: 'Прийнято',
  importing: 'Триває',
  cancelling: 'Скасовується',
  completed: 'Завершено',
  completed_with_errors: 'Є що виправити',
  failed: 'Обірвалося',
  cancelled: 'Скасовано',
  undoing: 'Відкликається',
  undone: 'Відкликано',
};

export const badgeWords: Translation['badgeWords'] = {
  nothingImported: 'Нічого не імпортовано',
  mended: 'Рядки виправлено',
  restIgnored: 'Рядки пропущено',
  notSaved: 'Рядки не збережено',
  sumsDiffer: 'Суми відрізняються',
  notAvailable: 'Недоступно',
  brokenOff: 'Обірвалося',
  notImported: 'Не імпортовано',
  waiting: 'Очікування',
  uploading: 'Надсилається',
  sentAgain: 'Надсилається знову',
  loading: 'Завантаження',
};

export const bucketWords: Translation['bucketWords'] = {
  created: { name: 'Створено', meaning: 'нові контакти' },
  updated: { name: 'Оновлено', meaning: 'вже були, змінено' },
  unchanged: { name: 'Без змін', meaning: 'вже були, такі самі' },
  duplicate: { name: 'Повтор', meaning: 'пізніший рядок має ту саму адресу' },
  rejected: { name: 'Відхилено', meaning: 'потребують вашого виправлення' },
  failed: { name: 'Не збережено', meaning: 'не вдалося зберегти, спробуйте ще' },
  cancelled: { name: 'Скасовано', meaning: 'не оброблено, зупинено раніше' },
};

export const connectionWords: Translation['connectionWords'] = {
  connecting: 'З’єднання',
  live: 'Наживо',
  degraded: 'Із запізненням',
  reconnecting: 'Відновлення зв’язку',
  offline: 'Не в мережі',
  refused: 'Не з’єднано',
};

const uploadErrorWords: Readonly<Record<string, string>> = {
  connection_broken: 'З’єднання обірвалося, перш ніж надійшов увесь файл.',
  file_too_large: 'Файл більший, ніж приймає цей сервер.',
  too_many_rows: 'У файлі більше рядків, ніж може бути в одному імпорті.',
  invalid_file: 'Файл виявився не CSV, який можна прочитати.',
  receiver_restarted: 'Сервер перезапустили, поки він отримував файл.',
  log_unavailable: 'Сервер не міг надійно зберегти файл, тому припинив його отримувати.',
  expired: 'Від сервера, що отримував файл, більше нічого не чути.',
  cancelled: 'Імпорт скасовано під час надсилання файлу.',
};

export const explainUploadError: Translation['explainUploadError'] = (uploadError) =>
  uploadErrorWords[uploadError ?? ''] ?? 'Надсилання закінчилося, перш ніж надійшов увесь файл.';
