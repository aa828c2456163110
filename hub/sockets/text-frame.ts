/** A text message of a WebSocket as its bytes on the network (RFC 6455, 5.2): one frame, unmasked, as servers send them. */

/** The final frame of a message, which is text. */
const FINAL_TEXT = 0x81;
/** The longest payload whose length stands in the second byte; greater values say how many bytes the length has. */
const LONGEST_IN_ONE_BYTE = 125;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length <= LONGEST_IN_ONE_BYTE ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame[0] = FINAL_TEXT;
  if (headerBytes === 2) {
    frame[1] = length;
  } else if (headerBytes === 4) {
    frame[1] = TWO_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = EIGHT_BYTES;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes);
  return frame;
}
