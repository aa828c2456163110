/** The words around every page, and those that stand on several of them. */
import type { Translation } from '../english/index.ts';

export const siteWords: Translation['siteWords'] = {
  name: 'Tidings',
  skip: 'Saltar al contenido',
  navigation: 'Páginas',
  pages: {
    import: 'Importar',
    contacts: 'Contactos',
    support: 'Soporte',
    webhooks: 'Sus avisos por webhook',
  },
  language: 'Idioma',
  languageNotLoaded: 'No se pudieron cargar los textos del idioma. Inténtelo de nuevo.',
  loading: 'Cargando…',
  notLoaded: 'No se pudo cargar esta página. Recárguela.',
  unknownPage: {
    title: 'Esta página no existe',
    detail: 'Quizá la dirección esté incompleta. {start} es un buen comienzo.',
    start: 'Importar contactos',
  },
};

export const titled: Translation['titled'] = (page) => `${page} – ${siteWords.name}`;

export const documentTitles: Translation['documentTitles'] = {
  import: titled('Importar contactos'),
  contacts: titled('Contactos'),
  support: titled('Todas las importaciones'),
  webhooks: titled('Avisos por webhook'),
  unknown: titled('No encontrada'),
};
