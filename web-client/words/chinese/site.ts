/** The words around every page, and those that stand on several of them. */
import type { Translation } from '../english/index.ts';

export const siteWords: Translation['siteWords'] = {
  name: 'Tidings',
  skip: '跳到内容',
  navigation: '页面',
  pages: { import: '导入', contacts: '联系人', support: '支持', webhooks: '您的 Webhook' },
  language: '语言',
  languageNotLoaded: '无法加载该语言的文字。请重试。',
  loading: '正在加载…',
  notLoaded: '无法加载此页面。请重新加载。',
  unknownPage: {
    title: '没有这个页面',
    detail: '地址可能不完整。可以从{start}开始。',
    start: '导入联系人',
  },
};

export const titled: Translation['titled'] = (page) => `${page} – ${siteWords.name}`;

export const documentTitles: Translation['documentTitles'] = {
  import: titled('导入联系人'),
  contacts: titled('联系人'),
  support: titled('全部导入'),
  webhooks: titled('Webhook'),
  unknown: titled('未找到'),
};
