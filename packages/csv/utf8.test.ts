import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLossless, invalidUtf8At, isIncompleteSequence } from './utf8.ts';

const encode = (text: string) => new TextEncoder().encode(text);
/** Bytes near the limits of what is valid. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf),
      fc.constantFrom(0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xbb, 0xbd),
      fc.nat(255),
    ),
    { maxLength: 12 },
  )
  .map((list) => new Uint8Array(list));
const text = fc.string({ unit: 'binary', maxLength: 6 });

describe('bytes', () => {
  it('are UTF-8 where Node says so, and are so up to the place that is told', () => {
    fc.assert(
      fc.property(bytes, (file) => {
        const at = invalidUtf8At(file);
        expect(at < 0).toBe(isUtf8(file));
        if (at < 0) return;
        expect(isUtf8(file.subarray(0, at))).toBe(true);
        for (let end = at + 1; end <= Math.min(at + 4, file.length); end++) {
          expect(isUtf8(file.subarray(0, end))).toBe(false);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('are cut off where something can follow that makes them valid, and nowhere else', () => {
    const canFollow = [0x80, 0x90, 0x9f, 0xa0, 0xbf];
    const become = (file: number[], depth: number): boolean =>
      isUtf8(new Uint8Array(file)) ||
      (depth > 0 && canFollow.some((next) => become([...file, next], depth - 1)));
    fc.assert(
      fc.property(bytes, (file) => {
        const at = invalidUtf8At(file);
        if (at >= 0) expect(isIncompleteSequence(file, at)).toBe(become([...file.subarray(at)], 3));
      }),
      { numRuns: 5_000 },
    );
    const whole = encode('aé€😀');
    for (let end = 0; end < whole.length; end++) {
      const at = invalidUtf8At(whole.subarray(0, end));
      expect(at < 0 || isIncompleteSequence(whole.subarray(0, end), at)).toBe(true);
    }
  });
});

describe('lossless text', () => {
  it('is that of UTF-8, byte order marks included', () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(decodeLossless(encode(written))).toBe(written);
      }),
    );
    expect(decodeLossless(encode('\ufeffa'))).toBe('\ufeffa');
  });

  it('is that of windows-1252 where bytes are no UTF-8, whatever stands beside them', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...'€‚ŠŸüß¿ÿ\x81'), text, (before, own, after) => {
        // From U+00A0 on the two are one.
        const byte = { '€': 0x80, '‚': 0x82, Š: 0x8a, Ÿ: 0x9f }[own] ?? own.charCodeAt(0);
        const file = new Uint8Array([...encode(before), byte, 0x21, ...encode(after)]);
        expect(decodeLossless(file)).toBe(`${before}${own}!${after}`);
      }),
    );
    expect(decodeLossless(new Uint8Array([0x4a, 0xfc, 0x72, 0x67, 0x80]))).toBe('Jürg€');
  });

  it('has no U+FFFD that the file has not, and another character for every byte', () => {
    const each = Uint8Array.from({ length: 128 }, (_, index) => 255 - index);
    expect(new Set(decodeLossless(each)).size).toBe(128);
    fc.assert(
      fc.property(bytes, (file) => {
        expect(decodeLossless(file).includes('\ufffd')).toBe(Buffer.from(file).includes('\ufffd'));
      }),
      { numRuns: 5_000 },
    );
  });
});
