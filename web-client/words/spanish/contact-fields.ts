/** How the fields of a contact are called, in Spanish. */
import type { Translation } from '../english/index.ts';

export const contactFieldLabels: Translation['contactFieldLabels'] = {
  email: 'Correo electrónico',
  firstName: 'Nombre',
  lastName: 'Apellidos',
  phone: 'Teléfono',
  company: 'Empresa',
  country: 'País',
  timeZone: 'Zona horaria',
};
