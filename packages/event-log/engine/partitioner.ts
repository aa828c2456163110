const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** MurmurHash2, 32 bit, as Kafka's Java client computes it. The result is a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeWords = bytes.byteLength & ~3;
  let hash = seed ^ bytes.byteLength;
  for (let index = 0; index < wholeWords; index += 4) {
    let word = Math.imul(view.getInt32(index, true), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const rest = bytes.byteLength - wholeWords;
  if (rest > 0) {
    for (let index = rest - 1; index >= 0; index -= 1)
      hash ^= view.getUint8(wholeWords + index) << (8 * index);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/**
 * The partition of a key: murmur2 of its UTF-8 bytes, as Kafka's Java and JavaScript clients choose it, so that a topic
 * keeps its keys together whoever writes to it.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}
