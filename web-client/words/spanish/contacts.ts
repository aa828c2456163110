/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ContactsTranslation } from '../english/contacts.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';
import { contactFieldLabels } from './contact-fields.ts';

const asOf = (answeredAt: number) => `Datos de las ${formatClock(answeredAt)}.`;

const contactsWords: ContactsTranslation['contactsWords'] = {
  title: 'Contactos',
  // A getter, because the language is not yet set when this file is loaded.
  get search() {
    const labels = searchedFields.map(({ name }) => contactFieldLabels[name].toLowerCase());
    return `Buscar por ${formatAlternatives(labels)}`;
  },
  tryAgain: 'Reintentar',
  searching: 'Buscando…',
  loading: 'Cargando…',
  silent: (answeredAt) => {
    const waits = 'El servidor aún no responde. Esta página espera y vuelve a preguntar sola si eso falla.';
    return answeredAt === null ? waits : `${waits} ${asOf(answeredAt)}`;
  },
  asOf,
  outOfDate: 'Ha terminado una importación. Esta lista ya no está al día.',
  readAnew: 'Volver a leer la lista',
  loadMore: 'Cargar más',
  actions: 'Acciones',
  edit: 'Editar',
  editOf: (email) => `Editar ${email}`,
  shown: (count, more) => {
    if (more === 'none') return `Se muestran ${formatCount(count)}`;
    return more === 'coming'
      ? `Se muestran los primeros ${formatCount(count)}, buscando más…`
      : `Se muestran los primeros ${formatCount(count)}`;
  },
  none: {
    title: 'Aún no hay contactos',
    detail: 'Aparecen aquí con la primera importación.',
    importFile: 'Importar un archivo',
  },
  notFound: {
    title: 'No se encontró nada',
    detail: (query) =>
      `Ningún contacto coincide con «${query}». Pruebe con el comienzo de una palabra del correo, del nombre o de la empresa, o con el de un teléfono.`,
  },
  name: 'Nombre',
  changed: 'Modificado',
  export: 'Exportar como CSV',
  exporting: 'Exportando…',
  deleted: (email) => `${email} se eliminará en unos segundos.`,
  undo: 'Deshacer',
  unsorted: (count) => `${formatContacts(count)} recién escritos aún se están ordenando.`,
  ofImport: 'Solo se muestran los contactos de una importación.',
  showAll: 'Mostrar todos los contactos',
  duplicates: {
    title: (count) => `Guardados dos veces: ${formatContacts(count)}`,
    meaning:
      'Una versión anterior guardó dos grafías de una misma dirección como dos contactos. Las importaciones solo modifican el primero de cada dos. Elimine el que no necesite; el otro conserva la dirección.',
  },
};

const contactDialogWords: ContactsTranslation['contactDialogWords'] = {
  save: 'Guardar',
  saving: 'Guardando…',
  close: 'Cerrar',
  discard: {
    question: '¿Descartar los cambios?',
    meaning: 'No están guardados.',
    yes: 'Descartarlos',
    no: 'Seguir editando',
  },
  unanswered: {
    question: '¿Cerrar sin esperar la respuesta?',
    meaning: 'El servidor aún no ha respondido. Puede que los cambios estén guardados, o no.',
    yes: 'Cerrar',
    no: 'Esperar la respuesta',
  },
  noCountry: '– ninguno –',
  fieldHelp: {
    phone:
      'Escriba el número con el prefijo del país, como +34 612 345 678, o indique el país. El campo también puede quedar vacío.',
    country: 'Escriba el nombre del país, como España, o sus dos letras, o deje el campo vacío.',
    timeZone: 'Escriba el nombre de la zona horaria, como Europe/Madrid, o deje el campo vacío.',
  },
  gone: {
    title: 'Este contacto ya no existe',
    detail: 'Se eliminó después de cargar esta lista. Sus cambios no se pueden guardar.',
  },
  changedMeanwhile: {
    title: 'El contacto se ha modificado entretanto',
    detail: 'Sus cambios no están guardados.',
    byImport: (at) =>
      at === null ? 'Lo ha modificado {import}.' : `A las ${formatClock(at)} lo modificó {import}.`,
    byPerson: (at) =>
      at === null
        ? 'Alguien lo ha modificado, aquí en otra ventana o en otro lugar.'
        : `A las ${formatClock(at)} alguien lo modificó, aquí en otra ventana o en otro lugar.`,
    theImport: 'una importación',
    showNow: 'Mostrar la versión actual',
    kept: 'Lo que ha escrito se conserva; debajo figura lo que está guardado ahora. Con «Guardar» vale su texto.',
    takeAll: 'Tomar todo lo guardado',
    stored: (value) => `Guardado ahora: «${value}».`,
    storedNothing: 'Guardado ahora: nada.',
    take: 'Tomar lo guardado',
    takeFor: (field) => `Tomar lo guardado: ${field}`,
  },
  delete: 'Eliminar',
};

const contactsAnnouncements: ContactsTranslation['contactsAnnouncements'] = {
  searching: 'Buscando…',
  nothingFound: (query) => `No se encontró nada para ${query}.`,
  found: (count, query, isAll) =>
    isAll
      ? `Se muestran ${formatContacts(count)} para ${query}.`
      : `Se muestran los primeros ${formatContacts(count)} para ${query}.`,
  contactSaved: 'El contacto se ha guardado.',
  contactDeleted: 'El contacto se ha eliminado. Control+Z lo recupera.',
  deletionUndone: 'El contacto se conserva.',
};

export const spanishContacts: ContactsTranslation = {
  contactsWords,
  contactDialogWords,
  contactsAnnouncements,
};
