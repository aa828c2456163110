/** 导入前检查文件时的用语。 */
import type { Translation } from '../english/index.ts';
import { formatBytes, formatColumns, formatCount, formatRows } from '../format/format.ts';

export const checkWords: Translation['checkWords'] = {
  file: (bytes, columns) => `${formatBytes(bytes)}，${formatColumns(columns)}`,
  reading: '正在查看文件…',
  readingAgain: '正在重新读取…',
  unchecked: '不检查直接导入',
  unreachable: {
    title: '服务器没有响应。',
    detail: '文件仍在此设备上，尚未导入任何内容。本页会自动重试。',
    tryNow: '立即重试',
  },
  isExport: '这是被拒绝的行组成的文件。只会改动这些行的联系人。',
  mends: '修正的导入',
  mendsNone: '不修正以前的导入',
  mendsMet: (rows: number) => `已查看的行中属于它的行数：${formatCount(rows)}`,
  mendable: (fileName, moment, left) => `${fileName}，${moment}：待修正 ${formatCount(left)}`,
};

export const readingWords: Translation['readingWords'] = {
  title: '识别为',
  encoding: '编码',
  sheet: '工作表',
  delimiter: '分隔符',
  header: '列名',
  country: '没有国家的电话号码',
  delimiters: {
    ',': '逗号 ,',
    ';': '分号 ;',
    '\t': '制表符',
    '|': '竖线 |',
    ':': '冒号 :',
    '^': '脱字符 ^',
  },
  noHeader: '没有列名',
  line: (line, cells) =>
    cells === '' ? `第 ${formatCount(line)} 行` : `第 ${formatCount(line)} 行：${cells}`,
  noCountry: '选择国家或地区',
  countryNeeded: (rows) => `${formatCount(rows)} 个电话号码没有国家。它们属于哪个国家或地区？`,
  headerGuessed: '第一行看起来是联系人，而不是列名。如果有列名，请选择其所在行。',
  encodingAsked: '编码无法确定。请选择文字正确的读法：',
  lettersLost: '列名中含有字符 �：之前的程序丢失了这些文字。请从来源重新获取文件。',
  rowsLost: (rows, line) =>
    `${formatRows(rows)}含有字符 �，最早在第 ${formatCount(line)} 行：之前的程序丢失了这些文字。这些行会退回给您。`,
  encodedTwice: (rows, line, written, meant) =>
    `${formatRows(rows)}似乎以错误的编码保存过，最早在第 ${formatCount(line)} 行：“${written}”应为“${meant}”。系统不会自行更改：请从来源以 UTF-8 重新导出文件。`,
  rowsUnreadable: (rows, line) =>
    `${formatRows(rows)}含有此编码没有的文字，最早在第 ${formatCount(line)} 行。是否是其他编码？`,
};

export const columnWords: Translation['columnWords'] = {
  title: '列',
  how: '文件的每一列会成为什么。',
  unnamed: (number) => `第 ${formatCount(number)} 列，没有名称`,
  noValues: '开头没有值',
  targets: {
    fullName: '全名',
    'fullName.familyFirst': '全名，姓在前',
    'phone.international': '电话，带国家代码',
  },
  extra: '保留为附加信息',
  extraAs: (name) => `保留为附加信息“${name}”`,
  leaveOut: '不导入',
  states: {
    recognised: '已识别',
    guessed: '推测：请核对',
    remembered: '与上次相同',
    chosen: '您的选择',
    extra: '作为附加信息保留',
    leftOut: '未导入',
  },
  passedOver: (field) => `另一列已对应“${field}”字段。`,
  standsIn: '若某行的电子邮件地址为空，则使用此列的地址。',
  emailMissing: {
    title: '哪一列是电子邮件地址？',
    detail: '没有识别出这一列，而每位联系人都需要一个地址。',
    choose: '选择一列',
    use: '使用这一列',
  },
};

export const firstRowsWords: Translation['firstRowsWords'] = {
  title: (rows) => `前 ${formatRows(rows)}`,
  caption: '前几行将这样导入',
  line: '行号',
  comesBack: '将退回',
};

export const verdictWords: Translation['verdictWords'] = {
  noRows: '文件有列名，但没有数据行。',
  rows: (rows, isExact) => (isExact ? `共 ${formatRows(rows)}。` : `约 ${formatRows(rows)}。`),
  allFine: (rows, isWhole) =>
    isWhole ? '全部正确。' : rows === 1 ? '第一行正确。' : `前 ${formatRows(rows)}全部正确。`,
  noneFine: (rows) => (rows === 1 ? '该行将退回给您：' : '全部将退回给您：'),
  someFine: (rows, fine, isWhole) => {
    const counted = `${formatRows(fine)}正确，${formatRows(rows - fine)}将退回给您：`;
    return isWhole ? `其中 ${counted}` : `前 ${formatRows(rows)}中，${counted}`;
  },
  warnings: '导入时不含以下值：',
  leaveOut: '电话号码或国家无法识别的行也一并导入，但不含该值',
  blankRows: (rows) => `跳过 ${formatRows(rows)}空行。`,
  start: (rows, isExact) => {
    if (rows === null) return '导入';
    return isExact ? `导入 ${formatRows(rows)}` : `导入约 ${formatRows(rows)}`;
  },
  answerFirst: '请先回答上面的问题。',
};
