/** The words around every page, and those that stand on several of them. */
import type { Translation } from '../english/index.ts';

export const siteWords: Translation['siteWords'] = {
  name: 'Tidings',
  skip: 'Перейти до вмісту',
  navigation: 'Сторінки',
  pages: { import: 'Імпорт', contacts: 'Контакти', support: 'Підтримка', webhooks: 'Ваші вебхуки' },
  language: 'Мова',
  languageNotLoaded: 'Не вдалося завантажити тексти цією мовою. Спробуйте ще раз.',
  loading: 'Завантаження…',
  notLoaded: 'Не вдалося завантажити цю сторінку. Перезавантажте її.',
  unknownPage: {
    title: 'Такої сторінки немає',
    detail: 'Можливо, адреса неповна. {start} — добрий початок.',
    start: 'Імпорт контактів',
  },
};

export const titled: Translation['titled'] = (page) => `${page} – ${siteWords.name}`;

export const documentTitles: Translation['documentTitles'] = {
  import: titled('Імпорт контактів'),
  contacts: titled('Контакти'),
  support: titled('Усі імпорти'),
  webhooks: titled('Вебхуки'),
  unknown: titled('Не знайдено'),
};
