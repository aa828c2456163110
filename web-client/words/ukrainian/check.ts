/** Слова перевірки файлу перед імпортом. */
import type { Translation } from '../english/index.ts';
import { pluralForm } from '../format/counted.ts';
import { formatBytes, formatColumns, formatCount, formatRows } from '../format/format.ts';
import { ofRows } from './genitive.ts';

export const checkWords: Translation['checkWords'] = {
  file: (bytes, columns) => `${formatBytes(bytes)}, ${formatColumns(columns)}`,
  reading: 'Переглядаємо файл…',
  readingAgain: 'Читаємо ще раз…',
  unchecked: 'Імпортувати без перевірки',
  unreachable: {
    title: 'Сервер не відповідає.',
    detail:
      'Файл досі на цьому пристрої, і нічого з нього не імпортовано. Ця сторінка автоматично спробує ще раз.',
    tryNow: 'Спробувати зараз',
  },
  isExport: 'Це файл відхилених рядків. Буде змінено лише контакти з цих рядків.',
  mends: 'Він виправляє',
  mendsNone: 'жоден попередній імпорт',
  mendsMet: (rows: number) => `Його рядків серед переглянутих: ${formatCount(rows)}`,
  mendable: (fileName, moment, left) => `${fileName}, ${moment}: виправити ${formatCount(left)}`,
};

export const readingWords: Translation['readingWords'] = {
  title: 'Розпізнано як',
  encoding: 'Кодування',
  sheet: 'Аркуш',
  delimiter: 'Роздільник',
  header: 'Назви стовпців',
  country: 'Номери телефону без країни',
  delimiters: {
    ',': 'Кома ,',
    ';': 'Крапка з комою ;',
    '\t': 'Табуляція',
    '|': 'Риска |',
    ':': 'Двокрапка :',
    '^': 'Циркумфлекс ^',
  },
  noHeader: 'Без назв стовпців',
  line: (line, cells) =>
    cells === '' ? `Рядок ${formatCount(line)}` : `Рядок ${formatCount(line)}: ${cells}`,
  noCountry: 'Виберіть країну',
  countryNeeded: (rows) =>
    `${formatCount(rows)} ${pluralForm(rows, {
      one: 'номер телефону не має країни. Якій країні він належить?',
      few: 'номери телефону не мають країни. Якій країні вони належать?',
      other: 'номерів телефону не мають країни. Якій країні вони належать?',
    })}`,
  headerGuessed: 'Перший рядок схожий на контакт, а не на назви стовпців. Виберіть їхній рядок, якщо він є.',
  encodingAsked: 'Кодування визначено ненадійно. Виберіть варіант, у якому літери правильні:',
  lettersLost:
    'У назвах стовпців є знак �: ці літери раніше втратила інша програма. Візьміть файл із джерела ще раз.',
  rowsLost: (rows, line) =>
    `${formatRows(rows)} зі знаком �, перший — рядок ${formatCount(line)}: ці літери раніше втратила інша програма. Такі рядки повернуться.`,
  encodedTwice: (rows, line, written, meant) =>
    `${formatRows(rows)}, схоже, збережено в хибному кодуванні, перший — рядок ${formatCount(line)}: «${written}» — це, мабуть, «${meant}». Саме нічого не змінюється: експортуйте файл із джерела ще раз, у UTF-8.`,
  rowsUnreadable: (rows, line) =>
    `${formatRows(rows)} з літерами, яких немає в цьому кодуванні, перший — рядок ${formatCount(line)}. Чи не інше це кодування?`,
};

export const columnWords: Translation['columnWords'] = {
  title: 'Стовпці',
  how: 'Чим стане кожен стовпець файлу.',
  unnamed: (number) => `Стовпець ${formatCount(number)}, без назви`,
  noValues: 'на початку немає значень',
  targets: {
    fullName: 'Повне ім’я',
    'fullName.familyFirst': 'Повне ім’я, спершу прізвище',
    'phone.international': 'Телефон, із кодом країни',
  },
  extra: 'Зберегти як додаткове',
  extraAs: (name) => `Зберегти як додаткове «${name}»`,
  leaveOut: 'Не імпортувати',
  states: {
    recognised: 'Розпізнано',
    guessed: 'Припущення: перевірте',
    remembered: 'Як минулого разу',
    chosen: 'Ваш вибір',
    extra: 'Збережено як додаткове',
    leftOut: 'Не імпортується',
  },
  passedOver: (field) => `Поле «${field}» вже має інший стовпець.`,
  standsIn: 'Де електронна адреса рядка порожня, береться ця.',
  emailMissing: {
    title: 'У якому стовпці електронні адреси?',
    detail: 'Такого стовпця не розпізнано, а кожному контакту потрібна адреса.',
    choose: 'Виберіть стовпець',
    use: 'Узяти цей стовпець',
  },
};

export const firstRowsWords: Translation['firstRowsWords'] = {
  title: (rows) =>
    pluralForm(rows, {
      one: `Перший ${formatRows(rows)}`,
      other: `Перші ${formatRows(rows)}`,
    }),
  caption: 'Перші рядки, як їх буде імпортовано',
  line: 'Рядок',
  comesBack: 'Повернеться',
};

export const verdictWords: Translation['verdictWords'] = {
  noRows: 'У файлі є назви стовпців, але немає рядків.',
  rows: (rows, isExact) => (isExact ? `${formatRows(rows)}.` : `Близько ${ofRows(rows)}.`),
  allFine: (rows, isWhole) =>
    isWhole
      ? rows === 1
        ? 'Він правильний.'
        : 'Усі правильні.'
      : rows === 1
        ? 'Перший рядок правильний.'
        : `Перші ${formatRows(rows)} правильні.`,
  noneFine: (rows) => (rows === 1 ? 'Він повернеться до вас:' : 'Усі повернуться до вас:'),
  someFine: (rows, fine, isWhole) => {
    const counted = `правильних ${formatCount(fine)}, повернеться до вас ${formatCount(rows - fine)}:`;
    return isWhole ? `З них ${counted}` : `З перших ${formatCount(rows)} ${counted}`;
  },
  warnings: 'Імпортується без цих значень:',
  leaveOut: 'Імпортувати й рядки, де телефон або країну не вдалося прочитати, — без цього значення',
  blankRows: (rows) =>
    `${formatCount(rows)} ${pluralForm(rows, {
      one: 'порожній рядок пропущено.',
      few: 'порожні рядки пропущено.',
      other: 'порожніх рядків пропущено.',
    })}`,
  start: (rows, isExact) => {
    if (rows === null) return 'Імпортувати';
    return isExact ? `Імпортувати ${formatRows(rows)}` : `Імпортувати близько ${ofRows(rows)}`;
  },
  answerFirst: 'Спершу дайте відповідь на запитання вище.',
};
