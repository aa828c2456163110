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

/** What a request says of the rest of a file that it brings. */
export interface RestOfFile {
  /** In bytes of the file, at which the body begins. */
  readonly offset: number;
  /** As of `FileConnection`. */
  readonly fileBytes: number | null;
}

/** `Received` is what comes of an upload. There are as many as places of uploads, at most. */
export class ResumableUploads<Received> {
  readonly #keyedUploads: Pick<KeyedUploads, 'findReceived'>;
  readonly #uploads = new Map<string, ResumableUpload<Received>>();
  #isHeld = true;

  constructor(keyedUploads: Pick<KeyedUploads, 'findReceived'>) {
    this.#keyedUploads = keyedUploads;
  }

  /** Takes an upload in until it settles. Nobody can go on with one that it follows: its file waits for nobody. */
  add(importId: string, upload: ResumableUpload<Received>): void {
    this.#uploads.get(importId)?.file.letGo();
    this.#uploads.set(importId, upload);
    if (!this.#isHeld) upload.file.letGo();
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
   * @param rest what the request says of its body
   * @param onTaken called where the body is a part of the file, which may take as long as an upload
   * @returns what comes of the upload, or the import whose file was received whole, which this repeats
   * @throws Problem wrong_offset, not_found, and as `KeyedUploads.admit`
   */
  async resume(
    importId: string,
    { offset, fileBytes }: RestOfFile,
    body: UploadBody,
    onTaken: () => void,
  ): Promise<Received | FoldedImport> {
    const upload = this.#uploads.get(importId);
    if (upload !== undefined && !upload.file.hasEnded) {
      upload.file.resume(offset, { bytes: body.iterator({ destroyOnReturn: false }), body, fileBytes });
      onTaken();
      return upload.received;
    }
    const first = await this.#findReceived(importId);
    let end = offset;
    if (end > first.state.bytes) throw wrongOffset();
    for await (const bytes of body) {
      end += bytes.length;
      if (end > first.state.bytes) break;
    }
    if (end !== first.state.bytes) throw wrongOffset();
    return first;
  }

  /**
   * No place is free for the sender: the upload that has begun first of those whose files wait is given up, one of the sender before others.
   * @param isOwnFault whether others could have a place, and lose nothing
   */
  makeRoom(sender: string, isOwnFault: boolean): void {
    const broken = [...this.#uploads.values()].filter(({ file }) => file.isBroken);
    const own = broken.find((upload) => upload.sender === sender);
    const given = own ?? (isOwnFault ? undefined : broken[0]);
    given?.file.letGo();
  }

  /** No file waits for the rest of it any more, nor does one that begins later. */
  letGo(): void {
    this.#isHeld = false;
    for (const { file } of this.#uploads.values()) file.letGo();
  }

  async #findReceived(importId: string): Promise<FoldedImport> {
    const upload = this.#uploads.get(importId);
    // The file's last byte has come. The last boundary of its form may never come, and its seal may not be durable yet.
    upload?.file.breakOff();
    await upload?.received.catch(() => undefined);
    const first = await this.#keyedUploads.findReceived(importId);
    if (first !== null) return first;
    throw new Problem('not_found', 'Nothing of an upload under this key is here. Send the whole file.');
  }
}
