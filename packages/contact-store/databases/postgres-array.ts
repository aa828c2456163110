/**
 * Writes arrays as PostgreSQL's binary parameters: no element is escaped here or parsed in the server, which saves a third of
 * the cost of a chunk's statements in this process.
 */

const TEXT_TYPE = 25;
const INT4_TYPE = 23;
/** Bytes of the head: dimensions, whether there are nulls, element type, length, lower bound. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const INT4_BYTES = 4;
/** The length that stands for a null element. */
const NULL_LENGTH = -1;
/** Bytes of UTF-8 for one unit of UTF-16, at most. */
const MAX_BYTES_PER_UNIT = 3;
/** Longest text that is copied character by character. */
const MAX_COPIED = 48;
const LAST_ASCII = 0x7f;

type Element = string | number | null;

/**
 * @param values all strings (for `text[]`) or all whole numbers of 32 bits (for `int4[]`), or null
 * @returns what both drivers take as a parameter: text where no element tells the type, else bytes
 */
export function encodeArray(values: readonly Element[]): Buffer | string {
  const sample = values.find((value) => value !== null);
  if (sample === undefined) return `{${values.map(() => 'NULL').join(',')}}`;
  const buffer = Buffer.allocUnsafe(capacityFor(values));
  let end = writeHeader(buffer, typeof sample === 'string' ? TEXT_TYPE : INT4_TYPE, values);
  for (const value of values) end = writeElement(buffer, end, value, typeof sample);
  return buffer.subarray(0, end);
}

function capacityFor(values: readonly Element[]): number {
  let capacity = HEADER_BYTES + values.length * (LENGTH_BYTES + INT4_BYTES);
  for (const value of values) if (typeof value === 'string') capacity += value.length * MAX_BYTES_PER_UNIT;
  return capacity;
}

function writeHeader(buffer: Buffer, type: number, values: readonly Element[]): number {
  let end = buffer.writeInt32BE(1, 0);
  end = buffer.writeInt32BE(values.includes(null) ? 1 : 0, end);
  end = buffer.writeInt32BE(type, end);
  end = buffer.writeInt32BE(values.length, end);
  return buffer.writeInt32BE(1, end);
}

function writeElement(buffer: Buffer, start: number, value: Element, type: string): number {
  if (value === null) return buffer.writeInt32BE(NULL_LENGTH, start);
  if (typeof value !== type) throw new TypeError('An array parameter holds both strings and numbers.');
  if (typeof value === 'number') return buffer.writeInt32BE(value, buffer.writeInt32BE(INT4_BYTES, start));
  const length = writeText(buffer, start + LENGTH_BYTES, value);
  return buffer.writeInt32BE(length, start) + length;
}

/** Writes the text, and returns its bytes. Most cells are short and ASCII: for these, leaving JavaScript costs more than the copy. */
function writeText(buffer: Buffer, start: number, text: string): number {
  if (text.length > MAX_COPIED) return buffer.write(text, start);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > LAST_ASCII) return buffer.write(text, start);
    buffer[start + index] = unit;
  }
  return text.length;
}
