import { describe, expect, it } from 'vitest';
import { CsvError } from './errors.ts';
import { previewRecords } from './preview.ts';
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

describe('refused', () => {
  const utf16 = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));
  const swapped = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());
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
    [
      'an xlsx',
      latin1('PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml'),
      'not_csv',
      /\.xlsx.*CSV \(UTF-8\)/,
    ],
    ['another xlsx', latin1('PK\x03\x04\x14\0\x06\0\x08\0xl/workbook.xml'), 'not_csv', /\.xlsx/],
    ['an xls', latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0'), 'not_csv', /\.xls\)/],
    ['UTF-16 LE with mark', utf16('\uFEFFemail;name\r\n'), 'encoding_unsupported', /UTF-16/],
    ['UTF-16 BE with mark', swapped('\uFEFFemail;name\r\n'), 'encoding_unsupported', /UTF-16/],
    ['UTF-16 LE without mark', utf16('email;name\r\nZoë@x.y;Зоя\r\n'), 'encoding_unsupported', /UTF-16/],
    ['UTF-16 BE without mark', swapped('email;name\r\n'), 'encoding_unsupported', /UTF-16/],
    [
      'windows-1252',
      latin1('email;name\r\na@b.c;Ann\r\nj@b.c;J\xfcrgen\r\n'),
      'encoding_unsupported',
      /on line 3 \(byte 31 of the file\).*in Excel: File → Save as → “CSV UTF-8”/,
    ],
    ['windows-1251', latin1('email;\xc8\xec\xff\n'), 'encoding_unsupported', /line 1 \(byte 7/],
    ['Shift_JIS', latin1('email,name\na@b.c,\x93\xfa\x96{\n'), 'encoding_unsupported', /line 2/],
    ['GB18030', latin1('email,name\na@b.c,\xc0\xee\n'), 'encoding_unsupported', /line 2/],
    ['ISO-2022-JP', latin1('email,name\na@b.c,\x1b$BF|K\\\x1b(B\n'), 'encoding_unsupported', /line 2/],
    ['a letter cut short at the end', latin1('email\na@b.c\xc3'), 'encoding_unsupported', /byte 12/],
    [
      'U+FFFD in a cell of several lines',
      encode('email,"first\nname"\n\na@b.c,"x,\nJ\uFFFDrgen"\n'),
      'replacement_character',
      /on line 5 in the column “first\nname”.*from its source/,
    ],
    [
      'U+FFFD in the header',
      encode('email,n\uFFFDme\na@b.c,x\n'),
      'replacement_character',
      /“�” on line 1 stands/,
    ],
    ['a NUL on line 3', encode('email,name\nann@b.c,Ann\nb\0b@b.c,Bob\n'), 'nul_bytes', /line 3/],
    ['NULs in many places', encode('email\n\0\0\0\0abc\0\0\0'), 'nul_bytes', /line 2/],
  ];
  it.each(cases)('is %s', (_, bytes, code, message) => {
    const error = refusal(bytes);
    expect(error).toMatchObject({ code, retriable: false });
    expect(error.message).toMatch(message);
  });

  it('is a NUL within the first 64 KiB, and not behind them', () => {
    const bytes = new Uint8Array(SNIFF_BYTES + 10).fill(0x61);
    bytes[SNIFF_BYTES] = 0;
    expect(sniff(bytes, { complete: true }).dialect.delimiter).toBe(',');
    bytes[SNIFF_BYTES - 1] = 0;
    expect(refusal(bytes)).toMatchObject({ code: 'nul_bytes', line: 1 });
  });

  it('is what is no UTF-8 as far as 64 KiB and no farther, and no letter that only the sample’s end cuts', () => {
    const padded = (end: number[]) => {
      const bytes = new Uint8Array(SNIFF_BYTES + 10).fill(0x61);
      bytes.set(end, SNIFF_BYTES - 2);
      return bytes;
    };
    expect(sniff(padded([0x61, 0x61, 0xfc]), { complete: true }).dialect.encoding).toBe('utf-8');
    expect(sniff(padded([0xe2, 0x82, 0xac]), { complete: true }).dialect.encoding).toBe('utf-8');
    expect(refusal(padded([0xfc]))).toMatchObject({ code: 'encoding_unsupported', line: 1 });
    expect(refusal(padded([0xfc]), { encoding: 'utf-8' }).code).toBe('encoding_unsupported');
    expect(refusal(padded([0xe2, 0x61]).subarray(0, SNIFF_BYTES)).code).toBe('encoding_unsupported');
    expect(sniff(padded([0x61, 0x61, 0xef, 0xbf, 0xbd]), { complete: true }).bomLength).toBe(0);
  });

  it('is an encoding that is not known, not its other spellings', () => {
    expect(refusal(encode('a,b'), { encoding: 'windows-1252' }).code).toBe('encoding_unsupported');
    expect(refusal(encode('a,b'), { encoding: '__proto__' }).code).toBe('encoding_unsupported');
    expect(sniff(encode('a,b'), { complete: true, encoding: 'UTF8' }).dialect.encoding).toBe('utf-8');
  });

  it('is not a file of which nothing but newlines has come yet', () => {
    expect(sniff(encode('\n\n'), { complete: false }).dialect.delimiter).toBe(',');
  });
});

describe('the preview', () => {
  const file = '\uFEFFemail;name\r\na@b.c;"Doe; Ann"\n\n"x"y;z\nb@b.c;Bob';

  it('shows the header and the first rows', () => {
    expect(previewRecords(encode(file), 10, { complete: true })).toEqual({
      dialect: { encoding: 'utf-8', delimiter: ';' },
      header: ['email', 'name'],
      rows: [
        ['a@b.c', 'Doe; Ann'],
        ['"x"y', 'z'],
        ['b@b.c', 'Bob'],
      ],
    });
    expect(previewRecords(encode(file), 1, { complete: true }).rows).toEqual([['a@b.c', 'Doe; Ann']]);
  });

  it('leaves a row out that may be cut off, but never the header', () => {
    expect(previewRecords(encode(file), 10).rows.length).toBe(2);
    expect(previewRecords(encode('email;na'), 10)).toMatchObject({ header: ['email', 'na'], rows: [] });
  });

  // The page refuses it, and shows with the reason what stands in it.
  it('shows a header without e-mail addresses as any other', () => {
    for (const [text, complete, header] of [
      ['\n\nname;phone\nAda;1\n', true, ['name', 'phone']],
      ['\n\nname;pho', false, ['name', 'pho']],
    ] as const) {
      expect(previewRecords(encode(text), 5, { complete })).toMatchObject({ header });
    }
  });

  it('refuses what the sniffer refuses', () => {
    expect(() => previewRecords(latin1('%PDF-1.7\n'), 5)).toThrow(CsvError);
  });
});
