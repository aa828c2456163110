import { expect, test } from 'vitest';
import { createDecoder } from './text-decoder.ts';

// Node.js 20 and 24 read these bytes otherwise, so that the same file gave other contacts: on Node.js 20 private characters, or no letter.
test.each([
  ['windows-874', [0xdb, 0xfc, 0xa1], '\ufffd\ufffdก'],
  ['windows-1253', [0xaa, 0x81, 0xc1], '\ufffd\ufffdΑ'],
  ['windows-1255', [0xca, 0xd9, 0xe0], '\u05ba\ufffdא'],
  ['koi8-u', [0xae, 0xbe, 0xb4], '╝╬Є'],
  ['ibm866', [0x1a, 0x1c, 0x7f, 0x80], '\u001a\u001c\u007fА'],
] as const)('a file in %s is read alike on every version of Node.js', (encoding, bytes, text) => {
  const decoder = createDecoder(encoding);
  expect(decoder.push(Uint8Array.from(bytes)) + decoder.end()).toBe(text);
});
