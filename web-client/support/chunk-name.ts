import { formatCount } from '../words/format/format.ts';
import { chunkWords } from '../words/support-words.ts';

/** `Chunk 1` for the first one, as people count; services count from 0. */
export function chunkName(chunk: number): string {
  return chunkWords.name(formatCount(chunk + 1));
}
