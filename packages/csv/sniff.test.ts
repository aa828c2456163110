import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { CsvError } from './errors.ts';
import { SNIFF_BYTES, type SniffOptions, sniff } from './sniff.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

function refusal(bytes: Uint8Array, options: Partial<SniffOptions> = {}): CsvError {
  try {
    sniff(bytes, { complete: true, ...options });
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error('the file was not refused');
}

/** The encoding that is found, or why the file is refused. */
function sniffedOrUncertain(file: string | Uint8Array): string {
  try {
    const bytes = typeof file === 'string' ? latin1(file) : file;
    return sniff(bytes, { complete: true }).dialect.encoding;
  } catch (error) {
    if (error instanceof CsvError) return error.code;
    throw error;
  }
}

describe('the delimiter', () => {
  const files: [string, string, string][] = [
    ['commas', 'email,name\na@b.c,Ann\n', ','],
    ['semicolons', 'email;name\na@b.c;Ann\n', ';'],
    ['tabs', 'email\tname\na@b.c\tAnn\n', '\t'],
    ['bars', 'email|name\na@b.c|Ann\n', '|'],
    ['decimal commas beside semicolons', 'email;amount;rate\na@b.c;1,5;2,5\nb@b.c;3,5;4,5\n', ';'],
    [
      'a comma in every cell beside semicolons',
      'email;last, first;phone\na@b.c;Doe, J;1\nb@b.c;Roe, K;2\n',
      ';',
    ],
    ['semicolons in quotes beside commas', 'email,"a;b;c;d",x\na@b.c,"1;2;3;4",y\n', ','],
    ['commas in quotes over lines beside semicolons', 'email;"a,\nb,\nc"\nx@y.z;"1,\n2,\n3"\n', ';'],
    ['quoted cells between semicolons', '"email";"name"\n"a@b.c";"Doe, Ann"\n', ';'],
    ['a one-column list of e-mails', 'email\nann@example.com\nbob@example.com\n', ','],
    ['a one-column list without a newline at its end', 'email\nann@example.com', ','],
    ['a one-column list of names with commas', 'email;\n', ';'],
    ['ragged rows', 'email,name,phone\na@b.c,Ann\nb@b.c,Bob,1,2\nc@b.c,Cy,3\n', ','],
    ['text that is not ASCII', 'e-mail;prénom;größe\na@b.c;Zoë;größer, größte\n', ';'],
    ['carriage returns alone', 'email;name\ra@b.c;Ann\r', ';'],
    ['a header alone', 'email;name;phone', ';'],
    ['empty lines before the header', '\r\n\r\nemail\tname\r\n', '\t'],
    ['a stray quote in a row', 'email;name\na@b.c;"Ann\nb@b.c;Bob\n', ';'],
    ['a byte order mark', '\uFEFF"email";"name"\n', ';'],
  ];
  it.each(files)('is found in %s', (_, text, delimiter) => {
    expect(sniff(encode(text), { complete: true }).dialect).toEqual({ encoding: 'utf-8', delimiter });
  });

  it('is found in the first bytes of a longer file, wherever they end', () => {
    const file = encode(`email;name\n${'a@b.c;"Doe, Ann\nMary"\n'.repeat(50)}`);
    for (let length = 7; length < file.length; length++) {
      expect(sniff(file.subarray(0, length), { complete: false }).dialect.delimiter).toBe(';');
    }
  });

  it('is what the user names, by character or by name', () => {
    const file = encode('email,name\n');
    const named = (delimiter: string) => sniff(file, { complete: true, delimiter }).dialect.delimiter;
    expect(['\t', 'tab', '\\t', ';', 'Semicolon', 'pipe'].map(named)).toEqual([
      '\t',
      '\t',
      '\t',
      ';',
      ';',
      '|',
    ]);
    expect(refusal(file, { delimiter: '#' }).code).toBe('invalid_request');
    expect(refusal(file, { delimiter: '' }).code).toBe('invalid_request');
  });
});

describe('the byte order mark', () => {
  it('is measured', () => {
    expect(sniff(encode('\uFEFFa,b\n'), { complete: true }).bomLength).toBe(3);
    expect(sniff(encode('a,b\n'), { complete: true }).bomLength).toBe(0);
  });
});

const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));
const swapped = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());

describe('the encoding', () => {
  // Why these stand here: files of Excel in Munich, of CRMs in Kyiv and of leads in UTF-16 were refused.
  const german = 'E-Mail;Vorname;Ort\r\na@b.de;Jürgen;Köln\r\nb@b.de;Käthe;Düsseldorf\r\n';
  const files: [string, Uint8Array, string][] = [
    ['UTF-16 LE with mark', utf16(`\uFEFF${german}`), 'utf-16le'],
    ['UTF-16 BE with mark', swapped(`\uFEFF${german}`), 'utf-16be'],
    ['UTF-16 LE without mark', utf16(german), 'utf-16le'],
    ['UTF-16 BE without mark', swapped(german), 'utf-16be'],
    ['one letter of windows-1252', latin1('email;Vorname\na@b.test;J\xf6rg\n'), 'windows-1252'],
    ['windows-1252', iconv.encode(german, 'windows-1252'), 'windows-1252'],
    [
      'windows-1251',
      iconv.encode("email;Ім'я;Прізвище\na@b.ua;Юрій;Ковальчук\nb@b.ua;Ганна;Бойко\n", 'windows-1251'),
      'windows-1251',
    ],
    [
      'windows-1250',
      iconv.encode('email;Imię;Nazwisko\na@b.pl;Łukasz;Wójcik\nb@b.pl;Żaneta;Gąsior\n', 'windows-1250'),
      'windows-1250',
    ],
    [
      'KOI8-U',
      iconv.encode('email;name\na@b.ua;Юрій Ковальчук\nb@b.ua;Ірина Їжакевич\n', 'koi8-u'),
      'koi8-u',
    ],
    [
      'Shift_JIS',
      iconv.encode('メール,氏名\na@b.jp,鈴木 花子\nb@b.jp,高橋 健一\n', 'shift_jis'),
      'shift_jis',
    ],
    ['GB18030', iconv.encode('邮箱,姓名\na@b.cn,王伟\nb@b.cn,李娜\nc@b.cn,张敏\n', 'gb18030'), 'gb18030'],
    ['Big5', iconv.encode('郵件,姓名\na@b.tw,陳志明\nb@b.tw,林淑芬\n', 'big5'), 'big5'],
    ['EUC-KR', iconv.encode('이메일,이름\na@b.kr,김민준\nb@b.kr,이서연\n', 'euc-kr'), 'euc-kr'],
    // Excel's “CSV (MS-DOS)” in Germany came in as Apple's encoding: Müller was MÅller, and nobody was told.
    ['IBM 850', iconv.encode(german, 'cp850'), 'ibm850'],
    [
      'IBM 850 without a hint',
      iconv.encode('mail;name\na@b.test;Jörg Müller\nb@b.test;Bärbel Groß\n', 'cp850'),
      'ibm850',
    ],
    [
      'IBM 852',
      iconv.encode('E-mail;Jméno;Příjmení\na@b.cz;Jiří;Dvořák\nb@b.cz;Žofie;Černá\n', 'cp852'),
      'ibm852',
    ],
    [
      'windows-874',
      iconv.encode('อีเมล,ชื่อ\na@b.th,สมชาย ใจดี\nb@b.th,สมหญิง รักไทย\n', 'windows-874'),
      'windows-874',
    ],
    ['ISO-2022-JP', latin1('email,name\na@b.c,\x1b$BF|K\\\x1b(B\n'), 'iso-2022-jp'],
  ];
  it.each(files)('is found: %s', (_, bytes, encoding) => {
    expect(sniff(bytes, { complete: true }).dialect.encoding).toBe(encoding);
  });

  // The file was cut off within a letter, or one of its bytes was damaged: it was read as UTF-8, and names became `$B:4F#`.
  it('is ISO-2022-JP also where a letter is cut off or damaged, or rows of another encoding follow', () => {
    const row = 'a@b.c,\x1b$B:4F#B@O:\x1b(B\n';
    const whole = `email,name\n${row.repeat(40)}`;
    const found = (text: string, complete = true) => sniff(latin1(text), { complete }).dialect.encoding;
    for (let end = whole.length - row.length; end <= whole.length; end++) {
      expect(found(whole.slice(0, end))).toBe('iso-2022-jp');
      expect(found(whole.slice(0, end), false)).toBe('iso-2022-jp');
    }
    expect(found(whole.replace('F#', '#'))).toBe('iso-2022-jp');
    expect(found(`${whole}b@b.c,J\xf6rg\nc@b.c,Zo\xeb\n`)).toBe('iso-2022-jp');
    expect(found(`email,name\n${'a@b.c,Ada\x1b[0m\n'.repeat(9)}`)).toBe('utf-8');
    expect(found(`email,name\n${'a@b.c,J\xc3\xb6rg\n'.repeat(99)}b@b.c,\x1b$B\n`)).toBe('utf-8');
  });

  // One shift that stood in a note made Japanese of a file in any encoding, and its `ö` a damaged letter of it.
  it('is not ISO-2022-JP because of one shift and one letter that it does not have', () => {
    const found = (text: string, complete = true) => sniff(latin1(text), { complete }).dialect.encoding;
    const german = `email,name\n${'a@b.de,J\xf6rg M\xfcller\n'.repeat(9)}`;
    const one = 'email,name,note\na@b.de,J\xf6rg,x\n';
    expect(found(`${german}b@b.de,Ada \x1b(J\n`)).toBe('windows-1252');
    expect(sniffedOrUncertain(`${one}b@b.de,Ada,\x1b(J\n`)).not.toBe('iso-2022-jp');
    expect(found(`email,note\na@b.c,x\nb@b.c,note \x1b$B done\nc@b.c,d\n`)).toBe('utf-8');
    expect(found(`email,note\na@b.c,x\nb@b.c,note \x1b$Bdone\nc@b.c,d\n`)).toBe('utf-8');
    expect(found(`email,name\n${'a@b.c,\x1b(JAda\n'.repeat(60)}b@b.c,J\xc3\xb6rg\n`)).toBe('utf-8');
    expect(found(`email,name\n${'a@b.c,\x1b(JAda\n'.repeat(60)}`)).toBe('iso-2022-jp');
    const japanese = 'email,name\na@b.c,\x1b$B:4F#\x1b(B\nb@b.c,\x1b$B:4F';
    expect(found(japanese, false)).toBe('iso-2022-jp');
  });

  it('is what the person names, by any label and in any case, unless a mark says otherwise', () => {
    const named = (encoding: string, bytes = latin1('email,name\na@b.c,\xe8\n')) =>
      sniff(bytes, { complete: true, encoding }).dialect.encoding;
    expect(
      ['Windows-1250', 'LATIN1', 'cp1251', 'UTF-8', 'gbk', ' macroman ', 'cp850', 'TIS-620'].map((one) =>
        named(one),
      ),
    ).toEqual([
      'windows-1250',
      'windows-1252',
      'windows-1251',
      'utf-8',
      'gb18030',
      'macintosh',
      'ibm850',
      'windows-874',
    ]);
    expect(named('windows-1251', encode('\uFEFFemail\n'))).toBe('utf-8');
    for (const encoding of ['klingon', '__proto__', ''])
      expect(refusal(encode('a,b'), { encoding }).code).toBe('encoding_unsupported');
  });

  it('is asked for where two readings are as good, naming both', () => {
    const error = refusal(latin1('email,name\na@b.test,No\xe8\n'));
    expect(error).toMatchObject({ code: 'encoding_uncertain', line: 2, retriable: false });
    expect(error.message).toMatch(/windows-1252.*windows-1250/);
  });

  // One row of another encoding made EUC-KR, and Korean names, of a UTF-8 file of twenty German rows; with more such rows the file was asked about, and no answer was right.
  it('is that of most lines where rows of another encoding stand among them', () => {
    const rows = (encoding: string, count: number, name = 'Jörg Müller') =>
      iconv.encode(`${name},a@b.test\n`.repeat(count), encoding);
    const found = (...parts: Uint8Array[]) =>
      sniff(Buffer.concat([encode('name,email\n'), ...parts]), { complete: true }).dialect.encoding;
    for (const [utf8, others] of [
      [3, 3],
      [20, 1],
      [20, 5],
      [200, 150],
    ] as const) {
      expect(found(rows('utf8', utf8), rows('windows-1252', others))).toBe('utf-8');
      expect(found(rows('windows-1251', others, 'Иван Петров'), rows('utf8', utf8))).toBe('utf-8');
      expect(found(rows('euc-kr', others, '홍길동'), rows('utf8', utf8, '김철수'))).toBe('utf-8');
    }
    // Of Chinese names one in a hundred is UTF-8 by chance.
    const chinese = [rows('gb18030', 1, '谢雪 谢雪'), rows('gb18030', 1, '王伟 李娜')];
    expect(sniffedOrUncertain(Buffer.concat([encode('name,email\n'), ...chinese]))).not.toBe('utf-8');
    const german = 'Käthe Groß Jürgen Schröder Björn Weiß';
    expect(found(rows('windows-1252', 200, german), rows('utf8', 50))).toBe('windows-1252');
    const russian = 'Иван Петров Наталья Щербакова Юрий Федоров Любовь Жукова';
    expect(found(rows('windows-1251', 50, russian), rows('utf8', 20))).toBe('windows-1251');
    expect(found(rows('shift_jis', 50, '佐藤 翔太 高橋 さくら'), rows('utf8', 20, '鈴木 陽菜'))).toBe(
      'shift_jis',
    );
  });

  it('stays UTF-8 where single bytes among many letters are none, and where only the sample cuts a letter', () => {
    const names = 'a@b.c,Zoë Größe Ångström\n'.repeat(20);
    const damaged = Buffer.concat([encode(`email,name\n${names}`), latin1('b@b.c,J\xf6rg\n'), encode(names)]);
    expect(sniff(damaged, { complete: true }).dialect.encoding).toBe('utf-8');
    const bytes = new Uint8Array(SNIFF_BYTES + 10).fill(0x61);
    bytes.set([0xe2, 0x82, 0xac], SNIFF_BYTES - 2);
    expect(sniff(bytes, { complete: true }).dialect.encoding).toBe('utf-8');
  });
});

describe('refused', () => {
  const cases: [string, Uint8Array, string, RegExp][] = [
    ['an empty file', encode(''), 'file_empty', /empty/],
    ['a file of newlines', encode('\uFEFF\r\n\n'), 'file_empty', /empty/],
    ['a PNG', latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'not_csv', /PNG picture.*CSV \(UTF-8\)/],
    ['a JPEG', latin1('\xff\xd8\xff\xe0\0\x10JFIF'), 'not_csv', /JPEG picture/],
    ['a GIF', latin1('GIF89a\x01\0\x01\0'), 'not_csv', /GIF picture/],
    ['a WebP', latin1('RIFF\x1a\n\0\0WEBPVP8L'), 'not_csv', /WebP picture/],
    ['a PDF', latin1('%PDF-1.7\n'), 'not_csv', /PDF document/],
    ['a gzip', latin1('\x1f\x8b\x08\0'), 'not_csv', /gzip archive/],
    ['a zip', latin1('PK\x03\x04\x14\0\0\0\x08\0contacts.csv'), 'not_csv', /zip archive/],
    ['an empty zip', latin1('PK\x05\x06\0\0'), 'not_csv', /zip archive/],
    ['an xlsx', latin1('PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml'), 'not_csv', /\.xlsx.*CSV UTF-8/],
    [
      'an encrypted xlsx',
      latin1(
        `\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${'\0'.repeat(600)}E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0`,
      ),
      'not_csv',
      /with a password.*Encrypt/,
    ],
    ['another xlsx', latin1('PK\x03\x04\x14\0\x06\0\x08\0xl/workbook.xml'), 'not_csv', /\.xlsx/],
    ['an xls', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0'), 'not_csv', /\.xls\).*In Excel/],
    [
      'an ods',
      latin1('PK\x03\x04\x14\0\0\x08\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet'),
      'not_csv',
      /\.ods.*LibreOffice/,
    ],
    ['a Numbers file', latin1('PK\x03\x04\x14\0\0\0\0\0Index/Document.iwa'), 'not_csv', /In Numbers/],
    // Web programs name such files `.xls`: a person was told that the header was missing.
    [
      'a web page',
      encode('\uFEFF <html><table><tr><td>email</td></tr></table>'),
      'not_csv',
      /web page.*\.xlsx/,
    ],
    ['a table of a web page', encode('<table border="1"><tr><td>email'), 'not_csv', /web page/],
    ['XML', encode('<?xml version="1.0"?>\n<Workbook/>'), 'not_csv', /XML.*\.xlsx/],
    ['JSON', encode('[\n  { "email": "a@example.org" }\n]'), 'not_csv', /JSON/],
    // Such files were read as CSV: a person was told that the header was missing, or a dump of a database was imported with quotes around.
    [
      'a Word document',
      latin1('PK\x03\x04[Content_Types].xml..PK\x03\x04word/document.xml'),
      'not_csv',
      /Word.*\.xlsx/,
    ],
    [
      'a presentation',
      latin1('PK\x03\x04[Content_Types].xml..ppt/presentation.xml'),
      'not_csv',
      /PowerPoint/,
    ],
    [
      'an odt',
      latin1('PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text'),
      'not_csv',
      /OpenDocument file/,
    ],
    ['an SQL dump', encode("INSERT INTO `users` VALUES (1,'ann@s.test','Ann');\n"), 'not_csv', /SQL.*export/],
    [
      'the dump of a server',
      encode(
        '-- MySQL dump 10.13\n--\n-- Host: db\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `a`;\n',
      ),
      'not_csv',
      /SQL/,
    ],
    [
      'LDIF',
      encode('version: 1\n\ndn: uid=ann,ou=people\nmail: ann@l.test\n'),
      'not_csv',
      /LDIF.*Thunderbird/,
    ],
    ['a calendar', encode('BEGIN:VCALENDAR\nATTENDEE:mailto:a@b.test\n'), 'not_csv', /calendar/],
    ['RTF', encode('{\\rtf1\\ansi Email\\par a@b.test}'), 'not_csv', /RTF/],
    ['a message', encode('Return-Path: <a@b.test>\nSubject: list\n'), 'not_csv', /e-mail message/],
    [
      'a mailbox',
      encode('From a@b.test Mon Nov 30 02:00:00 2026\nSubject: x\n'),
      'not_csv',
      /e-mail message/,
    ],
    ['a 7z', latin1('7z\xbc\xaf\x27\x1c\0\x04'), 'not_csv', /7-Zip/],
    ['a rar', latin1('Rar!\x1a\x07\0'), 'not_csv', /RAR/],
    ['a pst', latin1('!BDN\0\0'), 'not_csv', /Outlook: File/],
    ['an Access database', latin1('\0\x01\0\0Standard ACE DB\0'), 'not_csv', /In Access/],
    ['SQLite', latin1('SQLite format 3\0'), 'not_csv', /SQLite/],
    ['a vCard', encode('BEGIN:VCARD\r\nVERSION:3.0\r\n'), 'not_csv', /vCard.*Export/],
    [
      'U+FFFD in the header',
      encode('email,n\uFFFDme\na@b.c,x\n'),
      'replacement_character',
      /header on line 1/,
    ],
    ['NULs in many places', encode('email\n\0\0\0\0abc\0\0\0x'), 'nul_bytes', /line 2/],
    ['a delimiter of two characters', encode('email||name\n'), 'invalid_request', /several characters/],
    [
      'a file without a header',
      encode('a@b.c,Ann\nb@b.c,Bob\n'),
      'no_email_column',
      /no header: line 1.*headerLine/,
    ],
  ];
  it.each(cases)('is %s', (_, bytes, code, message) => {
    const options = code === 'invalid_request' ? { delimiter: '||' } : {};
    const error = refusal(bytes, options);
    expect(error).toMatchObject({ code, retriable: false });
    expect(error.message).toMatch(message);
  });

  it.each([
    ['a title with a date', 'From: 2026-01-01\nTo: 2026-02-01\nemail,name\na@b.c,Ann\n'],
    ['a title behind dashes', '-- Customers --\nemail,name\na@b.c,Ann\n'],
    ['a name like a statement', 'Set,email\nA,a@b.c\n'],
    ['a name like an entry', 'DN,email\nx,a@b.c\n'],
  ])('is not a file with %s', (_, text) => {
    expect(sniff(encode(text), { complete: true }).dialect.delimiter).toBe(',');
  });

  it('is not a file of which nothing but newlines has come yet', () => {
    expect(sniff(encode('\n\n'), { complete: false }).dialect.delimiter).toBe(',');
  });
});
