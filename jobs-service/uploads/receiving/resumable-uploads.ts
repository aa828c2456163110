/**
 * The uploads under a key that this process receives, for senders that come back over another connection. What they have brought is
 * in this process alone: where it is gone, or the sender comes to another one, the whole file is sent again.
 */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { UploadBody } from './body.ts';
import type { KeyedUploads } from './keyed-uploads.ts';
import { type ResumableFile, wrongOffset } from './resumable-file.ts';

interface ResumableUpload<Received> {
  readonly file: ResumableFile;
  /** As of `UploadPlaces`. */
  readonly sender: string;
  /** Settles when the upload does. */
  readonly received: Promise<Received>;
}

/** `Received` is what comes of an upload. There are as many as places of uploads, at most. */
export class ResumableUploads<Received> {
  readonly #keyedUploads: Pick<KeyedUploads, 'findReceived'>;
  readonly #uploads = new Map<string, ResumableUpload<Received>>();

  constructor(keyedUploads: Pick<KeyedUploads, 'findReceived'>) {
    this.#keyedUploads = keyedUploads;
  }

  /** Takes an upload in until it settles. */
  add(importId: string, upload: ResumableUpload<Received>): void {
    this.#uploads.set(importId, upload);
    const forget = () => {
      if (this.#uploads.get(importId) === upload) this.#uploads.delete(importId);
    };
    upload.received.then(forget, forget);
  }

  /** The whole file comes: the one that waits for the rest of it is given up. */
  beginAnew(importId: string): void {
    const file = this.#uploads.get(importId)?.file;
    if (file?.isBroken) file.letGo();
  }

  /** Resolves with the bytes that are not to be sent any more. @throws Problem not_found, and as `KeyedUploads.admit` */
  async standsAt(importId: string): Promise<number> {
    const upload = this.#uploads.get(importId);
    const offset = (await upload?.file.standsAt()) ?? null;
    if (offset !== null) return offset;
    return (await this.#findReceived(importId)).state.bytes;
  }

  /**
   * Goes on with an upload.
   * @param offset in bytes of the file, at which the body begins
   * @returns what comes of the upload, or the import whose file was received whole, which this repeats
   * @throws Problem wrong_offset, not_found, and as `KeyedUploads.admit`
   */
  async resume(importId: string, offset: number, body: UploadBody): Promise<Received | FoldedImport> {
    const upload = this.#uploads.get(importId);
    if (upload !== undefined && !upload.file.hasEnded) {
      upload.file.resume(offset, { bytes: body.iterator({ destroyOnReturn: false }), body });
      return upload.received;
    }
    const first = await this.#findReceived(importId);
    let end = offset;
    for await (const bytes of body) end += bytes.length;
    if (end !== first.state.bytes) throw wrongOffset();
    return first;
  }

  /** No place is free: the upload that has begun first of those whose files wait is given up, one of this sender before others. */
  makeRoom(sender: string): void {
    const broken = [...this.#uploads.values()].filter(({ file }) => file.isBroken);
    const given = broken.find((upload) => upload.sender === sender) ?? broken[0];
    given?.file.letGo();
  }

  /** No file waits for the rest of it any more. */
  letGo(): void {
    for (const { file } of this.#uploads.values()) file.letGo();
  }

  async #findReceived(importId: string): Promise<FoldedImport> {
    // Its last byte has come, and its seal may not be durable yet.
    await this.#uploads.get(importId)?.received.catch(() => undefined);
    const first = await this.#keyedUploads.findReceived(importId);
    if (first !== null) return first;
    throw new Problem('not_found', 'Nothing of an upload under this key is here. Send the whole file.');
  }
}
