/** What is wrong with a row, in Ukrainian. */
import type { RowFaultWords, RowReasonWords } from './row-words.ts';

export const ukrainianRowFaults: RowFaultWords = {
  email_missing: 'Немає адреси ел. пошти',
  email_invalid: 'Хибна адреса ел. пошти',
  phone_invalid: 'Хибний номер телефону',
  phone_country_unknown: 'Номер телефону без країни',
  country_unknown: 'Невідома країна',
  control_character: 'Містить керівний символ',
  contact_too_large: 'Контакт завеликий',
  too_few_cells: 'Клітинок менше, ніж стовпців',
  too_many_cells: 'Клітинок більше, ніж стовпців',
  invalid_encoding: 'Літери, які не вдалося прочитати',
  replacement_character: 'Літеру втрачено раніше (�)',
  nul_byte: 'Містить байт NUL',
  quote_unclosed: 'Лапки не закрито',
  record_too_long: 'Рядок задовгий',
};

export const ukrainianRowReasons: RowReasonWords = {
  sentences: {
    email_missing: 'Немає адреси електронної пошти.',
    email_invalid: 'Адреса електронної пошти хибна.',
    phone_invalid: 'Номер телефону хибний.',
    phone_country_unknown: 'Номер телефону не має країни: додайте + і код країни або вкажіть країну.',
    country_unknown: 'Країна невідома: напишіть її назву або код із двох літер.',
    control_character: 'Клітинка містить керівний символ: вилучіть його або напишіть те, що він позначає.',
    contact_too_large: 'Контакт був би більшим за {contactBytes} або мав би понад {attributes} атрибутів.',
    too_few_cells: 'У рядку менше клітинок, ніж у заголовку.',
    too_many_cells: 'У рядку більше клітинок, ніж у заголовку.',
    invalid_encoding: 'Рядок записано не в кодуванні файлу: деякі літери лише вгадано, перевірте їх.',
    replacement_character:
      'Інша програма раніше втратила літеру цього рядка: візьміть рядок із джерела ще раз.',
    nul_byte: 'Рядок містить байт NUL.',
    quote_unclosed: 'Тут відкриваються лапки, які не закрито як слід.',
    record_too_long: 'Рядок довший за {recordBytes}.',
  },
  holds: (character) => `Там є невидимий символ ${character}.`,
  counted: (cells, columns) => `У рядку їх ${cells}, у заголовку ${columns}.`,
  hints: {
    surplus: 'Перенесіть те, що в _extra, туди, де йому місце, або очистьте _extra.',
    notKept: 'Клітинок рядка не збережено: заповніть їх.',
    standIn: (shown) => `Напишіть, що має бути там, де стоїть ${shown}.`,
    rightAsItIs: 'Якщо рядок правильний, яким він є зараз, очистьте його _code.',
  },
  joined: (sentences) => sentences.join(' '),
};
