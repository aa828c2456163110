/** The words of the end of an import: what came of it, what is to fix, and the proof. */
import type { Translation } from '../english/index.ts';
import { formatContacts, formatCount, formatDuration, formatRows } from '../format/format.ts';

/** By the codes of the API. Files of rejected rows have their words from there, too. */
export { chineseRowFaults as rowFaultWords } from '@tidings/contracts/files/row-words/chinese.ts';

export const summaryWords: Translation['summaryWords'] = {
  brokenOff: '发送中断',
  cancelled: (notImported) =>
    notImported === 0 ? '已取消' : `已取消：文件中有 ${formatRows(notImported)}未导入`,
  cutOff: '在发送文件时取消',
  noRows: '文件有标题行，但没有数据行',
  nothingImported: (total) =>
    total === 1 ? '唯一的一行无法导入。' : `${formatRows(total)}中没有一行能够导入。`,
  added: (count) => `新建了 ${formatContacts(count)}。`,
  changed: (count) => `更新了 ${formatContacts(count)}。`,
  addedAndChanged: (added, changed) => `新建了 ${formatContacts(added)}，更新了 ${formatCount(changed)} 位。`,
  allKnown: (total) => (total === 1 ? '唯一的一行早已存在。' : `全部 ${formatRows(total)}早已存在。`),
  nothingNew: (known) => `没有新内容：${formatRows(known)}早已存在。`,
  needYou: (count) => `${formatRows(count)}需要您处理。`,
  notSaved: (count) => `${formatRows(count)}无法保存。`,
  onlyChecked: '仅检查了文件，没有写入任何内容。',
  whole: (_total, { upload, status }) => {
    if (upload !== 'aborted') return '行，即整个文件';
    return status === 'cancelled' ? '行，取消前收到' : '行，中断前收到';
  },
  sumsAgree: '已与保存的联系人核对：总数一致。',
  sumsDifferTitle: '联系人与这些数字不符',
  sumsDiffer: '总数与已保存的联系人不符。请将这次导入告知支持人员。',
  tookAMoment: '用时不到 0.1 秒。',
  took: (milliseconds, rowsPerSecond) =>
    rowsPerSecond === null
      ? `用时 ${formatDuration(milliseconds)}。`
      : `用时 ${formatDuration(milliseconds)}，每秒 ${formatCount(rowsPerSecond)} 行。`,
  sendAgain: '请重新发送文件以导入全部内容。',
  sendAgainLater: '请重新发送文件以导入全部内容。已添加的内容撤回后即会开始。',
  importedStays: '已导入的内容会保留，并将计为“未变”。',
};

export const rejectedWords: Translation['rejectedWords'] = {
  titles: { toFix: '待修正', ignored: '已忽略的行', mended: '已修正的行' },
  left: (left, all) =>
    left === 0
      ? `${formatRows(all)}中已修正 ${formatCount(all)} 行`
      : `${formatRows(all)}中还有 ${formatCount(left)} 行待修正`,
  reasons: '原因',
  example: (line, cell) =>
    cell === '' ? `例如第 ${formatCount(line)} 行` : `例如第 ${formatCount(line)} 行：“${cell}”`,
  mendedHere: '已修正，尚未导入',
  counted: (rows) => `统计范围：前 ${formatRows(rows)}。`,
  fixHere: '在此修正',
  closeTable: '关闭表格',
  elsewhere: '也可以在电子表格中修正，再将该文件拖到导入页面：只会改动这些行。',
  download: { xlsx: '下载以便用 Excel 打开', csv: '下载为 CSV' },
  ignore: '忽略这些行',
  showAgain: '重新显示',
  ignored: (rows) => `已忽略 ${formatRows(rows)}`,
  ignoredMeaning: '这些行不会导入，也无需修正。它们会保留，可以重新显示。',
  shownAgain: '这些行已重新显示。',
  preparing: '正在准备文件…',
};

export const mendWords: Translation['mendWords'] = {
  caption: '待修正的行',
  how: '请修改有误的单元格。离开单元格时，修改即被保存。',
  line: '行号',
  extra: '超出标题的部分',
  cell: (column, line) => `${column}，第 ${formatCount(line)} 行`,
  allReasons: '全部原因',
  reason: '原因',
  saving: '正在保存…',
  mended: '已修正',
  notRight: '已保存，但仍有问题',
  overtaken: (column, text) => `其间有人在 ${column} 中写入了“${text}”。您填写的内容尚未保存。`,
  keepMine: '保留我的',
  takeTheirs: '采用对方的',
  notSaved: '未保存',
  taken: '其间该行已按原样提交。您填写的内容尚未保存。',
  unsaved: (lines) => `尚未保存：第 ${lines} 行。在此之前不会导入任何内容。`,
  more: '显示更多行',
  none: '这里没有待修正的行。',
  hand: (count) => `导入 ${formatCount(count)} 行已修正的内容`,
  handing: '正在提交…',
  handed: (count) => `已提交 ${formatRows(count)}。`,
  imports: '已修正行的导入',
  progress: (mended, all) => `已修正 ${formatCount(mended)}/${formatCount(all)}`,
};

export const failedWords: Translation['failedWords'] = {
  title: (count) => `${formatRows(count)}无法保存。`,
  notWritten: () => '没有写入任何一行。服务器保留着它们：原因消除后请重试。',
};
