/** How the fields of a contact are called, in Ukrainian. */
import type { Translation } from '../english/index.ts';

export const contactFieldLabels: Translation['contactFieldLabels'] = {
  email: 'Ел. пошта',
  firstName: 'Ім’я',
  lastName: 'Прізвище',
  phone: 'Телефон',
  company: 'Компанія',
  country: 'Країна',
  timeZone: 'Часовий пояс',
};
