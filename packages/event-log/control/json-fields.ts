/** Reads fields of JSON values that stand on the log. What is not as expected counts as absent: a stranger's record stops nobody. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export type JsonFields = Readonly<Record<string, unknown>>;

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Without fields where the value is a tombstone, or no JSON object. */
export function decodeJson(value: Uint8Array | null): JsonFields {
  if (value === null) return {};
  try {
    return fieldsOf(JSON.parse(decoder.decode(value)));
  } catch {
    return {};
  }
}

export function fieldsOf(value: unknown): JsonFields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether the value is a whole number, 0 or more. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
