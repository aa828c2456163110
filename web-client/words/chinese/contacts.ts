/** The words of the contacts page. */
import { searchedFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { ContactsTranslation } from '../english/contacts.ts';
import { formatAlternatives, formatClock, formatContacts, formatCount } from '../format/format.ts';
import { contactFieldLabels } from './contact-fields.ts';

const asOf = (answeredAt: number) => `截至 ${formatClock(answeredAt)}。`;

const contactsWords: ContactsTranslation['contactsWords'] = {
  title: '联系人',
  // A getter, because the language is not yet set when this file is loaded.
  get search() {
    return `按${formatAlternatives(searchedFields.map(({ name }) => contactFieldLabels[name]))}搜索`;
  },
  tryAgain: '重试',
  searching: '正在搜索…',
  loading: '正在加载…',
  silent: (answeredAt) => {
    const waits = '服务器尚未响应。本页会等待，如果失败会自动再次询问。';
    return answeredAt === null ? waits : `${waits}${asOf(answeredAt)}`;
  },
  asOf,
  outOfDate: '一次导入已结束。此列表已过时。',
  readAnew: '重新读取列表',
  loadMore: '加载更多',
  actions: '操作',
  edit: '编辑',
  editOf: (email) => `编辑 ${email}`,
  shown: (count, more) => {
    if (more === 'none') return `显示 ${formatCount(count)} 位`;
    return more === 'coming'
      ? `显示前 ${formatCount(count)} 位，正在查找更多…`
      : `显示前 ${formatCount(count)} 位`;
  },
  none: {
    title: '还没有联系人',
    detail: '首次导入后会显示在这里。',
    importFile: '导入文件',
  },
  notFound: {
    title: '没有找到',
    detail: (query) =>
      `没有联系人符合“${query}”。请尝试电子邮件、姓名或公司中某个词的开头，或电话号码的开头。`,
  },
  name: '姓名',
  changed: '更改时间',
  export: '导出为 CSV',
  exporting: '正在导出…',
  deleted: (email) => `${email} 将在几秒后删除。`,
  undo: '撤销',
  unsorted: (count) => `刚写入的 ${formatContacts(count)}仍在排序。`,
  ofImport: '仅显示一次导入的联系人。',
  showAll: '显示所有联系人',
  duplicates: {
    title: (count) => `重复保存：${formatContacts(count)}`,
    meaning:
      '早期版本把同一地址的两种写法存成了两位联系人。导入只会更改每对中的第一位。请删除您不需要的那一位；另一位会保留该地址。',
  },
};

const contactDialogWords: ContactsTranslation['contactDialogWords'] = {
  save: '保存',
  saving: '正在保存…',
  close: '关闭',
  discard: {
    question: '放弃更改吗？',
    meaning: '更改尚未保存。',
    yes: '放弃',
    no: '继续编辑',
  },
  unanswered: {
    question: '不等待响应就关闭吗？',
    meaning: '服务器尚未响应。您的更改可能已保存，也可能没有。',
    yes: '关闭',
    no: '等待响应',
  },
  noCountry: '– 无 –',
  fieldHelp: {
    phone: '请填写带国家代码的号码，例如 +86 138 0013 8000，或填写国家。也可以留空。',
    country: '请填写国家或地区的名称（例如中国）或其两个字母，或留空。',
    timeZone: '请填写时区名称，例如 Asia/Shanghai，或留空。',
  },
  gone: {
    title: '这位联系人已不存在',
    detail: '它在加载此列表之后被删除。您的更改无法保存。',
  },
  changedMeanwhile: {
    title: '联系人已在此期间被更改',
    detail: '您的更改尚未保存。',
    byImport: (at) => (at === null ? '{import}更改了它。' : `${formatClock(at)} {import}更改了它。`),
    byPerson: (at) =>
      at === null
        ? '有人更改了它，可能在此处的其他窗口或别处。'
        : `${formatClock(at)} 有人更改了它，可能在此处的其他窗口或别处。`,
    theImport: '一次导入',
    showNow: '显示当前内容',
    kept: '您填写的内容保留不变，下方显示当前已保存的内容。按“保存”后以您的内容为准。',
    takeAll: '全部采用已保存的内容',
    stored: (value) => `当前已保存：“${value}”。`,
    storedNothing: '当前已保存：空。',
    take: '采用已保存的内容',
    takeFor: (field) => `采用已保存的内容：${field}`,
  },
  delete: '删除',
};

const contactsAnnouncements: ContactsTranslation['contactsAnnouncements'] = {
  searching: '正在搜索…',
  nothingFound: (query) => `没有找到与 ${query} 相符的内容。`,
  found: (count, query, isAll) =>
    isAll
      ? `显示与 ${query} 相符的 ${formatContacts(count)}。`
      : `显示与 ${query} 相符的前 ${formatContacts(count)}。`,
  contactSaved: '联系人已保存。',
  contactDeleted: '联系人已删除。按 Ctrl+Z 可恢复。',
  deletionUndone: '联系人已保留。',
};

export const chineseContacts: ContactsTranslation = {
  contactsWords,
  contactDialogWords,
  contactsAnnouncements,
};
