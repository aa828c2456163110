import { valueEntry } from './append.ts';
import { type CleanerParts, forgetValue } from './cleaner.ts';
import type { Index } from './index-store.ts';
import { type IndexOperation, toJson } from './index-store.ts';
import { keysUnder, valuesOfSegment } from './keys.ts';
import { decodeRecord, encodeRecord, type SegmentReference, type StoredRecord } from './record-codec.ts';

/** Values that are moved in one step; 8 MiB at most, at the default record size. */
const valuesPerStep = 8;

interface Kept {
  readonly recordKey: string;
  readonly stored: StoredRecord;
  readonly reference: SegmentReference;
}

/** The bytes in use by segment, counted from the index. */
export async function liveBytes(index: Index): Promise<Map<number, number>> {
  const live = new Map<number, number>();
  for await (const [key, value] of index.iterator(keysUnder('v'))) {
    const segment = Number(key.slice(2, 12));
    live.set(segment, (live.get(segment) ?? 0) + Number.parseInt(value.toString(), 10));
  }
  return live;
}

/** Frees the space of removed values: moves the last values of a sparse segment, and deletes segments without values in use. */
export class SegmentCleaner {
  private readonly parts: Pick<CleanerParts, 'index' | 'queue' | 'segments'>;

  constructor(parts: Pick<CleanerParts, 'index' | 'queue' | 'segments'>) {
    this.parts = parts;
  }

  async clean(): Promise<void> {
    for (const segment of this.parts.segments.sparse()) await this.moveAll(segment);
    await this.deleteEmpty();
  }

  /** Deletes the file once the index has durably forgotten its values. */
  async deleteEmpty(): Promise<void> {
    const empty = this.parts.segments.empty();
    if (empty.length === 0) return;
    const mark: IndexOperation = { type: 'put', key: 'm!segments-deleted', value: toJson(empty.at(-1)) };
    await this.parts.queue.submit({ values: [], bytes: 0, size: 1, sync: true, prepare: () => [mark] });
    for (const segment of empty) await this.parts.segments.delete(segment);
  }

  private async moveAll(segment: number): Promise<void> {
    for (;;) {
      const kept = await this.kept(segment);
      if (kept.length === 0) return;
      await this.move(kept);
    }
  }

  private async kept(segment: number): Promise<Kept[]> {
    const range = { ...valuesOfSegment(segment), limit: valuesPerStep };
    const recordKeys = (await this.parts.index.values(range).all()).map((value) => {
      const text = value.toString();
      return text.slice(text.indexOf('!') + 1);
    });
    const records = await this.parts.index.getMany(recordKeys);
    return recordKeys.flatMap((recordKey, place) => {
      const value = records[place];
      const stored = value ? decodeRecord(value) : null;
      return stored?.reference ? [{ recordKey, stored, reference: stored.reference }] : [];
    });
  }

  private async move(kept: readonly Kept[]): Promise<void> {
    const { queue, segments } = this.parts;
    const values = await Promise.all(kept.map(({ reference }) => segments.read(reference)));
    await queue.submit({
      values,
      bytes: values.reduce((sum, value) => sum + value.byteLength, 0),
      size: kept.length * 3,
      sync: true,
      prepare: (references) => kept.flatMap((one, place) => moved(one, references[place])),
      committed: () => segments.forget(kept.map(({ reference }) => reference)),
    });
  }
}

function moved(
  { recordKey, stored, reference: old }: Kept,
  reference: SegmentReference | undefined,
): IndexOperation[] {
  if (!reference) return [];
  return [
    { type: 'put', key: recordKey, value: encodeRecord({ ...stored, reference }) },
    valueEntry(reference, recordKey),
    forgetValue(old),
  ];
}
