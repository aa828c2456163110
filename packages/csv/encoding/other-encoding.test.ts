/**
 * Rows of another file stood behind the file's own, in another encoding: `JÃ¶rg`, `Jцrg` and `Èâàí` were imported without a word, because every
 * byte of them means something in the file's encoding.
 */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { GuessingReader, otherEncodingReader } from './other-encoding.ts';
import { createDecoder } from './text-decoder.ts';

/** How a row of one encoding stands in a file of another. */
function readAs(text: string, written: string, encoding: Encoding): string {
  const decoder = createDecoder(encoding);
  return decoder.push(iconv.encode(text, written)) + decoder.end();
}

describe('a row in another encoding than its file', () => {
  it.each([
    ['windows-1252', 'utf8', 'Jörg Müller'],
    ['windows-1252', 'utf8', 'Łukasz Wójcik'],
    ['windows-1250', 'utf8', 'Jiří Dvořák'],
    ['windows-1251', 'utf8', 'Иван Петров'],
    ['windows-1251', 'utf8', 'Jörg Müller'],
    ['macintosh', 'utf8', 'Hélène Béranger'],
    ['iso-8859-15', 'utf8', 'Ömer Çelik'],
    ['windows-1252', 'windows-1251', 'Иван Петров'],
    ['windows-1252', 'windows-1251', 'Олексій Ткаченко'],
    ['windows-1250', 'windows-1251', 'ИВАН ПЕТРОВ'],
    ['windows-1252', 'windows-1253', 'Γιώργος Παπαδόπουλος'],
    ['windows-1252', 'euc-kr', '김철수 주식회사'],
    ['windows-1251', 'windows-1252', 'Jörg Müller'],
    ['windows-1251', 'windows-1252', 'Raúl Ibáñez'],
    ['windows-1251', 'windows-1252', 'Conceição Guimarães'],
    ['koi8-r', 'windows-1252', 'Jörg Müller'],
    ['windows-1253', 'windows-1252', 'Jörg Müller'],
    ['windows-874', 'windows-1252', 'Conceição Guimarães'],
    ['gb18030', 'windows-1252', 'Jörg Müller'],
    ['shift_jis', 'windows-1252', 'Käthe Schröder'],
  ] as const)('is told in a file in %s, and read in its own: %s, %s', (encoding, written, name) => {
    const cells = ['ada@a.test', '', readAs(name, written, encoding), 'Ltd'];
    expect(otherEncodingReader(encoding)?.read(cells)).toEqual(['ada@a.test', '', name, 'Ltd']);
  });

  it('is told also where it is not known which encoding it has', () => {
    for (const [written, name] of [
      ['windows-1255', 'אברהם לוי'],
      ['windows-1256', 'محمد الفارسي'],
      ['windows-874', 'สมชาย ใจดี'],
    ] as const)
      expect(
        otherEncodingReader('windows-1252')?.read([readAs(name, written, 'windows-1252')]),
      ).not.toBeNull();
  });

  it.each([
    ['windows-1251', ['SMSки', 'VIPы', 'Lюкс', '5й', 'Wi-Fi', 'ITшник']],
    ['windows-1251', ['Cергей', 'Кiт', 'Вiктор', 'Rоbert', 'Тест test', 'Иван-Ivan']],
    ['windows-1251', ['ООО Bjцrn']],
    ['windows-1252', ['äöüß', 'ÄÖÜ', 'áéíóúñ', 'åäö', '“É”', '«ÀÈÌ»', '€€€€', '……––', '½¼¾³']],
    ['windows-1252', ['Ösæ', 'Créée', 'Þórður Æðarsson', 'SMÅØERNE', 'CANTÙ«', 'Jäääär', 'Anaïs']],
    ['windows-1250', ['żółć', 'ŻÓŁĆ', 'CARĂŞ', 'BABIĆ»', 'Łódź', 'NOVÁ Ž']],
    ['windows-1254', ['ÂŞIK', 'Ağaoğlu', 'ÖĞÜŞ']],
    ['gb18030', ['谢雪', 'A座', 'T恤', 'K歌', '卡拉OK', 'U盘']],
    ['big5', ['王小明', 'T恤']],
    ['euc-jp', ['覃若汐', '株式会社ABC', 'Aさん']],
    ['euc-kr', ['홍길동', 'A동', 'K팝스타']],
  ] as const)('is not told where a file in %s has such words: %j', (encoding, words) => {
    for (const word of words)
      expect([word, otherEncodingReader(encoding)?.read(['a@a.test', word])]).toEqual([word, null]);
  });

  it('cannot be told in Unicode, whose bytes show it', () => {
    for (const encoding of ['utf-8', 'utf-16le', 'utf-16be'] as const)
      expect(otherEncodingReader(encoding)).toBeNull();
  });
});

describe('rows that are no UTF-8', () => {
  it('are read in an encoding in which all their words are words', () => {
    const reader = new GuessingReader();
    for (const [written, text] of [
      ['windows-1252', 'a@a.test,Jörg Müller'],
      ['windows-1251', 'a@a.test,Иван Петров,ООО'],
      ['windows-1253', 'a@a.test,Γιώργος Παπαδόπουλος'],
      ['euc-kr', 'a@a.test,홍길동 주식회사'],
      ['windows-1252', 'a@a.test,Zoë Groß'],
    ] as const)
      expect(reader.read(iconv.encode(text, written))).toBe(text);
  });

  it('are not, where parts of them are UTF-8, or no words come of it', () => {
    for (const bytes of [
      Buffer.concat([Buffer.from('Jörg '), Buffer.from([0xfc])]),
      Buffer.from([0xff]),
      iconv.encode('é', 'windows-1252'),
    ])
      expect(new GuessingReader().read(bytes)).toBeNull();
  });
});
