/** What is wrong with a row, in Chinese. */
import type { RowFaultWords, RowReasonWords } from './row-words.ts';

export const chineseRowFaults: RowFaultWords = {
  email_missing: '缺少电子邮件地址',
  email_invalid: '电子邮件地址无效',
  phone_invalid: '电话号码无效',
  phone_country_unknown: '电话号码缺少国家',
  country_unknown: '未知的国家',
  control_character: '含有控制字符',
  contact_too_large: '联系人过大',
  too_few_cells: '单元格少于列数',
  too_many_cells: '单元格多于列数',
  invalid_encoding: '有无法识别的字母',
  replacement_character: '之前丢失了一个字母（�）',
  nul_byte: '含有 NUL 字节',
  quote_unclosed: '引号未闭合',
  record_too_long: '行过长',
};

export const chineseRowReasons: RowReasonWords = {
  sentences: {
    email_missing: '缺少电子邮件地址。',
    email_invalid: '电子邮件地址无效。',
    phone_invalid: '电话号码无效。',
    phone_country_unknown: '电话号码没有国家：请加上 + 和国家代码，或填写国家。',
    country_unknown: '无法识别国家：请填写国家名称或两个字母的代码。',
    control_character: '有单元格含有控制字符：请将其删除，或写上它所代表的内容。',
    contact_too_large: '联系人会超过 {contactBytes}，或超过 {attributes} 个属性。',
    too_few_cells: '此行的单元格比标题行少。',
    too_many_cells: '此行的单元格比标题行多。',
    invalid_encoding: '此行的编码与文件不同：部分字符是推测的，请检查。',
    replacement_character: '此行有一个字符已被之前的程序丢失：请从来源重新取得此行。',
    nul_byte: '此行含有 NUL 字节。',
    quote_unclosed: '此处开始的引号没有正确闭合。',
    record_too_long: '此行超过 {recordBytes}。',
  },
  holds: (character) => `其中含有不可见字符 ${character}。`,
  counted: (cells, columns) => `此行有 ${cells} 个，标题行有 ${columns} 个。`,
  hints: {
    surplus: '请把 _extra 中的内容放到所属的位置，或将其清空。',
    notKept: '此行的单元格没有保留：请重新填写。',
    standIn: (shown) => `请在 ${shown} 处写上应有的内容。`,
    rightAsItIs: '如果此行现在的内容正确，请清空其 _code。',
  },
  joined: (sentences) => sentences.join(''),
};
