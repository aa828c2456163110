/**
 * What is known of each chunk of an import: from the sets of the fold, the ledger, and the dead letters. Nobody writes down when an importer
 * begins a chunk, so one that is being worked off counts as waiting.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { LedgerChunk } from '@tidings/contact-store/kept-imports.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { CHUNK_LOST } from '@tidings/contracts/imports/import-notification.ts';
import type { ChunkItem, ChunkStatus } from '@tidings/contracts/services/support.ts';
import { chunkBitmap, hasChunk } from '../imports/chunk-bitmap.ts';
import type { ChunkLetter } from './orders.ts';

export interface ChunkPage {
  readonly items: ChunkItem[];
  /** The chunk with which the next page begins; null where nothing follows. */
  readonly next: number | null;
}

/** Chunks that are looked at in one query of the ledger. */
const CHUNKS_AT_ONCE = 500;
/** Chunks that one call looks at, at most: a page may be short and have a successor. */
const MOST_CHUNKS = 20 * CHUNKS_AT_ONCE;

export interface ChunkPageOptions {
  readonly folded: FoldedImport;
  readonly dead: ReadonlyMap<number, ChunkLetter>;
  readonly status?: ChunkStatus;
  /** The first chunk to look at. */
  readonly from: number;
  readonly limit: number;
}

export async function readChunkPage(
  contactStore: Pick<ContactStore, 'ledgerChunks'>,
  { folded, dead, status, from, limit }: ChunkPageOptions,
): Promise<ChunkPage> {
  const known = new KnownChunks(folded, dead);
  const items: ChunkItem[] = [];
  const end = Math.min(known.end, from + MOST_CHUNKS);
  for (let start = from; start < end; start += CHUNKS_AT_ONCE) {
    const below = Math.min(start + CHUNKS_AT_ONCE, end);
    const { importId } = folded.state;
    const ledger = await contactStore.ledgerChunks({
      importId,
      uploadId: folded.uploadId,
      from: start,
      below,
    });
    const byChunk = new Map(ledger.map((row) => [row.chunk, row]));
    for (let chunk = start; chunk < below; chunk += 1) {
      const item = known.item(chunk, byChunk.get(chunk));
      if (item === null || (status !== undefined && item.status !== status)) continue;
      if (items.length === limit) return { items, next: chunk };
      items.push(item);
    }
  }
  return { items, next: end < known.end ? end : null };
}

const lostError: ChunkItem['error'] = {
  code: CHUNK_LOST,
  message: 'The chunk is gone, and was never reported.',
};

class KnownChunks {
  /** One more than the highest chunk that is known. */
  readonly end: number;
  readonly #reported: Uint8Array;
  readonly #failed: Uint8Array;
  readonly #lost: Uint8Array;
  /** Of those that have not reported. */
  readonly #others: readonly Uint8Array[];
  readonly #retrying: ReadonlyMap<number, FoldedImport['retrying'][number]>;
  readonly #dead: ReadonlyMap<number, ChunkLetter>;
  readonly #hasCancelled: boolean;

  constructor(folded: FoldedImport, dead: ReadonlyMap<number, ChunkLetter>) {
    this.#reported = chunkBitmap(folded.reportedChunks);
    this.#failed = chunkBitmap(folded.failedChunks);
    this.#lost = chunkBitmap(folded.lostChunks);
    this.#others = [chunkBitmap(folded.awaitedChunks), chunkBitmap(folded.expectedChunks ?? '')];
    this.#retrying = new Map(folded.retrying.map((retrying) => [retrying.chunk, retrying]));
    this.#dead = dead;
    this.#hasCancelled = folded.totals.cancelled > 0;
    const sets = [this.#reported, this.#failed, ...this.#others];
    const numbers = [...this.#retrying.keys(), ...dead.keys()];
    this.end = Math.max(0, ...sets.map((set) => 8 * set.length), ...numbers.map((number) => number + 1));
  }

  /** null where the import has no such chunk, as far as is known. */
  item(chunk: number, row: LedgerChunk | undefined): ChunkItem | null {
    const letter = this.#dead.get(chunk);
    const retrying = this.#retrying.get(chunk);
    const status = this.#statusOf(chunk, row);
    if (status === null) return null;
    const dead = status === 'dead' ? letter : undefined;
    return {
      chunk,
      status,
      firstLine: row?.firstLine ?? letter?.note.firstLine ?? null,
      rows: row?.rows ?? letter?.note.rows ?? null,
      attempts: dead?.attempts ?? (retrying === undefined ? 0 : retrying.attempt - 1),
      error: dead?.error ?? (status === 'lost' ? lostError : null),
      nextAttemptAt: status === 'retrying' ? (retrying?.dueAt ?? null) : null,
    };
  }

  /** What an import has left when it was cancelled reaches the ledger when an importer passes over it. */
  #isCancelled(row: LedgerChunk | undefined): boolean {
    return row === undefined ? this.#hasCancelled : row.delta.cancelled === row.rows;
  }

  #statusOf(chunk: number, row: LedgerChunk | undefined): ChunkStatus | null {
    const isDone = hasChunk(this.#reported, chunk) && !hasChunk(this.#failed, chunk);
    // A dead letter whose work has turned out to be done may be listed for a moment, or until people see to it.
    if (this.#dead.has(chunk) && !isDone) return 'dead';
    if (hasChunk(this.#lost, chunk)) return 'lost';
    if (hasChunk(this.#failed, chunk)) return 'skipped';
    if (this.#retrying.has(chunk)) return 'retrying';
    if (hasChunk(this.#reported, chunk)) return this.#isCancelled(row) ? 'cancelled' : 'completed';
    return this.#others.some((set) => hasChunk(set, chunk)) ? 'waiting' : null;
  }
}
