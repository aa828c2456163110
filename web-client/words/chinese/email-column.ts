/** What is wrong with a file of which no column is recognised as the one of the e-mail addresses, and what to do. */
import type { Translation } from '../english/index.ts';
import { listNames } from '../format/names.ts';

const names = (all: readonly string[]) =>
  listNames(all, { quotes: ['“', '”'], more: (count) => ` 以及另外 ${count} 个`, none: '空白' });

export const missingEmailWords: Translation['missingEmailWords'] = {
  thenAgain: (detail) => `${detail}然后请重新选择文件。`,
  noHeader: {
    title: '文件没有标题行',
    detail: '第一行已经是联系人。请在其上方加一行列名，并在地址上方写“email”。',
  },
  otherDelimiter: {
    title: '无法区分各列',
    detail: (delimiter) =>
      delimiter === '\t'
        ? '各列似乎由制表符分隔，但标题行中有一个名称包含另一种分隔符。请给该名称加上引号，或去掉分隔符。'
        : `各列似乎由“${delimiter}”分隔，但标题行中有一个名称包含另一种分隔符。请给该名称加上引号，或去掉分隔符。`,
  },
  headerFurtherDown: {
    title: '第一行不是标题行',
    detail: (found) => `列名在下方，在 ${names(found)} 这一行。请删除其上方的所有内容。`,
  },
  noColumn: {
    title: '文件没有电子邮件列',
    detail: (found) => `标题行为 ${names(found)}。请将地址所在的列命名为“email”。`,
  },
  notRecognised: {
    title: '未能识别电子邮件列',
    detail: (likely) =>
      likely.length === 1
        ? `似乎是 ${names(likely)}。请在标题行中将其命名为“email”。`
        : `可能是其中之一：${names(likely)}。请在标题行中将正确的一列命名为“email”。`,
  },
};
