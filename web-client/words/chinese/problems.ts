/** What went wrong, in words. Details that the server gives are in English. */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatDays } from '../format/format.ts';

export const problemWords: Translation['problemWords'] = {
  unknownTitle: '操作未成功',
  internalDetail: '请重新加载页面后重试。',
  signedOut: { title: '尚未登录', detail: '请登录后重试。' },
  importToken: {
    title: '无法从这里查看这次导入',
    detail: (tokenMilliseconds) =>
      `此浏览器保存的密钥已无法打开它。密钥的有效期为 ${formatDays(tokenMilliseconds)}。`,
  },
  network: {
    title: '无法连接到服务器',
    detail: '请检查网络连接后重试。',
  },
  brokenUpload: {
    title: '发送中断',
    detail:
      '发送文件时与服务器的连接断开。如果服务器没有收到完整的文件，会撤回已导入的内容。请重新发送文件以导入全部内容。',
  },
  severalFiles: {
    title: '请一次只拖入一个文件',
    detail: '每个文件都是单独的导入。请先拖入第一个；它导入时即可拖入下一个。',
  },
  emptyDetail: '请选择带有列名和联系人的文件。',
  unreadable: {
    title: '无法读取文件',
    detail: '它可能是文件夹，或在选择之后被移动或更改。请重新选择。',
  },
  tooLarge: (mostBytes) => `一次最多可导入 ${formatBytes(mostBytes)}。请拆分文件；每一部分都需要标题行。`,
  asksAgain: '本页会自动重试。',
  line: (line) => `第 ${line} 行。`,
};
