/** Sets of chunks as they stand in a folded import: a bitmap in base64, in which bit n of byte n/8 is chunk n. */

export function chunkBitmap(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64');
}

export function hasChunk(bitmap: Uint8Array, chunk: number): boolean {
  return ((bitmap[chunk >> 3] ?? 0) & (1 << (chunk & 7))) !== 0;
}
