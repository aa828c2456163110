/** How the fields of a contact are called, in German. */
import type { Translation } from '../english/index.ts';

export const contactFieldLabels: Translation['contactFieldLabels'] = {
  email: 'E-Mail',
  firstName: 'Vorname',
  lastName: 'Nachname',
  phone: 'Telefon',
  company: 'Firma',
  country: 'Land',
  timeZone: 'Zeitzone',
};
