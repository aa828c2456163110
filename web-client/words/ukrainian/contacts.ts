/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ContactsTranslation } from '../english/contacts.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';
import { contactFieldLabels } from './contact-fields.ts';

const asOf = (answeredAt: number) => `Станом на ${formatClock(answeredAt)}.`;

const contactsWords: ContactsTranslation['contactsWords'] = {
  title: 'Контакти',
  // A getter, because the language is not yet set when this file is loaded.
  get search() {
    const labels = searchedFields.map(({ name }) => contactFieldLabels[name].toLowerCase());
    return `Пошук: ${formatAlternatives(labels)}`;
  },
  tryAgain: 'Спробувати ще раз',
  searching: 'Пошук…',
  loading: 'Завантаження…',
  silent: (answeredAt) => {
    const waits = 'Сервер ще не відповідає. Ця сторінка чекає й сама спитає ще раз, якщо це не вдасться.';
    return answeredAt === null ? waits : `${waits} ${asOf(answeredAt)}`;
  },
  asOf,
  outOfDate: 'Імпорт завершено. Цей список уже застарів.',
  readAnew: 'Прочитати список наново',
  loadMore: 'Завантажити ще',
  actions: 'Дії',
  edit: 'Редагувати',
  editOf: (email) => `Редагувати ${email}`,
  shown: (count, more) => {
    if (more === 'none') return `Показано ${formatCount(count)}`;
    return more === 'coming'
      ? `Показано перші ${formatCount(count)}, шукаємо ще…`
      : `Показано перші ${formatCount(count)}`;
  },
  none: {
    title: 'Контактів ще немає',
    detail: 'Вони з’являться тут із першим імпортом.',
    importFile: 'Імпортувати файл',
  },
  notFound: {
    title: 'Нічого не знайдено',
    detail: (query) =>
      `Жоден контакт не відповідає «${query}». Спробуйте початок слова з електронної адреси, імені чи назви компанії або початок номера телефону.`,
  },
  name: 'Ім’я',
  changed: 'Змінено',
  export: 'Експортувати як CSV',
  exporting: 'Експортування…',
  deleted: (email) => `${email} буде видалено за кілька секунд.`,
  undo: 'Скасувати',
  unsorted: (count) => `Щойно записано й ще впорядковується: ${formatContacts(count)}.`,
  ofImport: 'Показано лише контакти одного імпорту.',
  showAll: 'Показати всі контакти',
  duplicates: {
    title: (count) => `Збережено двічі: ${formatContacts(count)}`,
    meaning:
      'Попередня версія зберегла два написання однієї адреси як два контакти. Імпорт змінює лише перший із двох. Видаліть той, що вам не потрібен; інший збереже адресу.',
  },
};

const contactDialogWords: ContactsTranslation['contactDialogWords'] = {
  save: 'Зберегти',
  saving: 'Збереження…',
  close: 'Закрити',
  discard: {
    question: 'Відкинути зміни?',
    meaning: 'Їх не збережено.',
    yes: 'Відкинути',
    no: 'Редагувати далі',
  },
  unanswered: {
    question: 'Закрити, не чекаючи відповіді?',
    meaning: 'Сервер ще не відповів. Ваші зміни, можливо, збережено, а можливо, ні.',
    yes: 'Закрити',
    no: 'Чекати відповіді',
  },
  noCountry: '– немає –',
  fieldHelp: {
    phone:
      'Напишіть номер із кодом країни, наприклад +380 67 123 4567, або вкажіть країну. Поле можна залишити порожнім.',
    country: 'Напишіть назву країни, наприклад Україна, або її дві літери, або залиште поле порожнім.',
    timeZone: 'Напишіть назву часового поясу, наприклад Europe/Kyiv, або залиште поле порожнім.',
  },
  gone: {
    title: 'Цього контакту вже немає',
    detail: 'Його видалили після завантаження цього списку. Ваші зміни не можна зберегти.',
  },
  changedMeanwhile: {
    title: 'Контакт тим часом змінено',
    detail: 'Ваші зміни не збережено.',
    byImport: (at) => (at === null ? 'Його змінив {import}.' : `О ${formatClock(at)} його змінив {import}.`),
    byPerson: (at) =>
      at === null
        ? 'Його хтось змінив, тут в іншому вікні або деінде.'
        : `О ${formatClock(at)} його хтось змінив, тут в іншому вікні або деінде.`,
    theImport: 'імпорт',
    showNow: 'Показати теперішній стан',
    kept: 'Написане вами залишається; під ним видно, що збережено зараз. Кнопка «Зберегти» збереже ваш текст.',
    takeAll: 'Узяти все збережене',
    stored: (value) => `Зараз збережено: «${value}».`,
    storedNothing: 'Зараз збережено: нічого.',
    take: 'Узяти збережене',
    takeFor: (field) => `Узяти збережене: ${field}`,
  },
  delete: 'Видалити',
};

const contactsAnnouncements: ContactsTranslation['contactsAnnouncements'] = {
  searching: 'Пошук…',
  nothingFound: (query) => `За запитом ${query} нічого не знайдено.`,
  found: (count, query, isAll) =>
    isAll
      ? `За запитом ${query} показано ${formatContacts(count)}.`
      : `За запитом ${query} показано перші ${formatContacts(count)}.`,
  contactSaved: 'Контакт збережено.',
  contactDeleted: 'Контакт видалено. Ctrl+Z поверне його.',
  deletionUndone: 'Контакт залишено.',
};

export const ukrainianContacts: ContactsTranslation = {
  contactsWords,
  contactDialogWords,
  contactsAnnouncements,
};
