import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { describeEncoding } from './describe-encoding.ts';
import type { CsvError } from './errors.ts';
import { type SniffOptions, sniff } from './sniff.ts';

const described = (bytes: Uint8Array, options: Partial<SniffOptions> = {}) =>
  describeEncoding(bytes, sniff(bytes, { complete: true, takeFault: () => undefined, ...options }));

describe('an encoding', () => {
  it('that the file says is sure, and shows texts with letters beyond ASCII, each once', () => {
    const file = 'email;name\na@b.test;Zoë\nb@b.test;Zoë\nc@b.test;“Ann”\nd@b.test; Jörg ,Ñ\ne@b.test;Åse\n';
    for (const [encoding, addBOM] of [
      ['utf8', false],
      ['utf8', true],
      ['utf16le', true],
      ['utf16be', true],
      ['utf16le', false],
    ] as const)
      expect(described(iconv.encode(file, encoding, { addBOM }))).toEqual({
        ...{ confidence: 1, samples: ['Zoë', 'Jörg', 'Ñ'], alternatives: [] },
      });
    expect(described(Buffer.from('email\na@b.test\n')).samples).toEqual([]);
  });

  it('that is guessed shows the same places as each other likely one reads them', () => {
    const { confidence, samples, alternatives } = described(
      iconv.encode('email;name\na@b.test;Noè\nb@b.test;Ann\n', 'windows-1252'),
    );
    expect([confidence < 1, samples]).toEqual([true, ['Noè']]);
    expect(alternatives).toContainEqual({ encoding: 'windows-1250', samples: ['Noč'] });
    expect(alternatives.every((other) => other.samples[0] !== 'Noè')).toBe(true);
  });

  it('that the person chooses leaves the choice of the others, and of UTF-8 where the file is that', () => {
    const chosen = described(iconv.encode('email;name\na@b.test;Noè\n', 'windows-1252'), {
      encoding: 'windows-1250',
    });
    expect(chosen).toMatchObject({ confidence: 1, samples: ['Noč'] });
    expect(chosen.alternatives).toContainEqual({ encoding: 'windows-1252', samples: ['Noè'] });
    const garbled = described(Buffer.from('email;name\na@b.test;Noè\n'), { encoding: 'windows-1252' });
    expect(garbled).toEqual({
      confidence: 1,
      samples: ['NoÃ¨'],
      alternatives: [{ encoding: 'utf-8', samples: ['Noè'] }],
    });
    const ascii = described(Buffer.from('email\na@b.test\n'), { encoding: 'windows-1252' });
    expect(ascii.alternatives).toEqual([]);
  });
});

describe('a fault that a choice mends', () => {
  it.each([
    [
      'an encoding that is not certain',
      iconv.encode('email\nNoè\n', 'windows-1252'),
      'encoding_uncertain',
      2,
      null,
    ],
    [
      'a header that seems to be missing',
      Buffer.from('Titel\n\nAnn,a@b.test\nBob,b@b.test\n'),
      'no_email_column',
      3,
      ['column 1', 'email'],
    ],
    [
      'a header with letters that are lost',
      Buffer.from('email,n\uFFFDme\n'),
      'replacement_character',
      1,
      null,
    ],
  ] as const)('is taken, and %s is read by the best guess', (_, bytes, code, line, header) => {
    const faults: CsvError[] = [];
    const sniffed = sniff(bytes, { complete: true, takeFault: (fault) => faults.push(fault) });
    expect(faults).toMatchObject([{ code, line }]);
    expect(sniffed.header).toEqual(header);
    expect(() => sniff(bytes, { complete: true })).toThrow(faults[0]?.message);
  });
});
