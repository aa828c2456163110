/** Text messages of a WebSocket as their bytes on the network (RFC 6455, 5.2): one frame each, unmasked, as servers send them. */

/** The final frame of a message, which is text. */
const FINAL_TEXT = 0x81;
/** The longest payload whose length stands in the second byte; greater values say how many bytes the length has. */
const LONGEST_IN_ONE_BYTE = 125;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** The frames of the texts, one behind the other. */
export function textFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytesOf(length) + length, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at = writeHeader(frames, at, lengths[index] ?? 0);
    at += frames.write(text, at);
  }
  return frames;
}

function headerBytesOf(length: number): number {
  return length <= LONGEST_IN_ONE_BYTE ? 2 : length <= 0xffff ? 4 : 10;
}

/** Returns where the payload begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  const headerBytes = headerBytesOf(length);
  frames[at] = FINAL_TEXT;
  if (headerBytes === 2) {
    frames[at + 1] = length;
  } else if (headerBytes === 4) {
    frames[at + 1] = TWO_BYTES;
    frames.writeUInt16BE(length, at + 2);
  } else {
    frames[at + 1] = EIGHT_BYTES;
    frames.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + headerBytes;
}
