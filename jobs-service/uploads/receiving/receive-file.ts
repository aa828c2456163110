/** Receives the file of a form: as an upload of its own, or as the repeat of an earlier one under the same `Idempotency-Key`. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { rulesIn } from '@tidings/contact-store/kept-imports.ts';
import type { AcceptedImport, UploadFields } from '@tidings/contracts/files/upload.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportState, UploadError } from '@tidings/contracts/imports/import.ts';
import { toLine } from '@tidings/contracts/text.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { revoked } from '@tidings/service-kit/access/bearers.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Problem, toProblem } from '@tidings/service-kit/http/problem.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { v7 as uuidv7 } from 'uuid';
import type { FoldedImports } from '../../imports/folded-from-log.ts';
import type { ImportReader } from '../../imports/import-reader.ts';
import type { OwnerSettingsTable } from '../../settings/owner-settings.ts';
import type { UploadLeaseTimes } from '../ending/lease.ts';
import type { ExpressShare } from '../splitting/express-share.ts';
import type { HeldWorkbooks } from '../splitting/held-workbooks.ts';
import type { ReadColumns } from '../splitting/plan-columns.ts';
import type { SplitLimits } from '../splitting/split.ts';
import type { UploadTurns } from '../splitting/upload-turns.ts';
import { namingSheets, openUploadedText } from '../splitting/uploaded-text.ts';
import { Upload, type UploadSettings } from '../upload.ts';
import { toUploadProblem } from '../upload-failures.ts';
import type { UploadBody } from './body.ts';
import { type Authorization, findChannel, type UploadChannel } from './channel.ts';
import { cutOffWhenEnded, cutOffWhenRevoked } from './cut-off.ts';
import { readFields } from './form.ts';
import { importIdOfKey } from './import-id.ts';
import type { AdmittedUpload, KeyedUploads } from './keyed-uploads.ts';
import { ResumableFile } from './resumable-file.ts';

/** Characters of a file's name, at most. */
const MAX_FILE_NAME = 255;

export interface FileParts {
  readonly log: EventLog;
  readonly tokens: TokenAuthority;
  readonly logger: Logger;
  readonly foldedImports: Pick<FoldedImports, 'watch' | 'waitFor'>;
  readonly keyedUploads: KeyedUploads;
  readonly reader: Pick<ImportReader, 'find'>;
  readonly contactStore: Pick<ContactStore, 'importLayout'>;
  readonly limits: SplitLimits;
  readonly settings: Pick<OwnerSettingsTable, 'get' | 'mappingFor' | 'remember'>;
  readonly expressShare: ExpressShare;
  readonly turns: UploadTurns;
  /** Default: `LEASE_TIMES`. */
  readonly lease?: UploadLeaseTimes;
  /** Default: the workbooks that this process holds. */
  readonly heldWorkbooks?: HeldWorkbooks;
}

/** What is known of the request when its file begins. */
export interface FileRequest {
  /** As of `UploadPlaces`. */
  readonly sender: string;
  readonly authorization: Authorization;
  readonly idempotencyKey: string | null;
  /** Of the request, as it says itself; null where it does not. */
  readonly declaredBytes: number | null;
  /** Of the file, as far as that tells. */
  readonly leastBytes: number;
  readonly body: UploadBody;
  /** Milliseconds that the file of an upload under a key waits for the next connection where one breaks off; 0: it does not. */
  readonly holdMs: number;
  /** Called where an upload of a whole file comes under a key, before it is admitted. */
  readonly onKey: (importId: string) => void;
  /** Called once it is admitted. */
  readonly onBegun: (importId: string, file: ResumableFile) => void;
}

/** What came of an upload. */
export interface ReceivedImport {
  readonly importId: string;
  /** Whether a chunk of it is express; not where it repeats an earlier one. */
  readonly isExpress: boolean;
}

export type UploadSender = Pick<UploadChannel, 'owner' | 'epoch'>;

/** A file whose last byte has come, while the rest of its form may still come. */
export interface ReceivedFile extends Pick<ReceivedImport, 'isExpress'> {
  readonly accepted: AcceptedImport;
  /** Whose tokens the answer is for. */
  readonly sender: UploadSender;
  /** Whether the import is that of an earlier request, whose answer this is. */
  readonly isRepeat: boolean;
  /** @throws Problem, after which the import is aborted */
  seal(): Promise<void>;
  /** As `Upload.abort`. */
  abort(error: UploadError): Promise<void>;
}

/** @throws Problem; the import, where one was accepted, is aborted then */
export async function receiveFile(
  parts: FileParts,
  request: FileRequest,
  file: Express.Multer.File,
): Promise<ReceivedFile> {
  try {
    const own = readFields(request.body.body);
    const channel = await findChannel(parts.tokens, request.authorization, own);
    const mended = await findMended(parts.reader, channel.owner, own.mends);
    const { columns: mendedColumns, ...rules } = await rulesOfMended(parts.contactStore, mended);
    const fields = { ...rules, ...own };
    const fileName = shortFileName(file.originalname);
    // Multer waits for ever where the file's stream was destroyed.
    const bytes = file.stream.iterator({ destroyOnReturn: false });
    const { idempotencyKey, body, leastBytes } = request;
    const stream = new ResumableFile(
      { bytes, body },
      idempotencyKey === null ? 0 : request.holdMs,
      leastBytes,
    );
    const begun = { channel, fileName, fields, mendedColumns, stream };
    if (idempotencyKey === null) return await receiveAdmitted(parts, request, begun, uuidv7(), null);
    const importId = importIdOfKey(channel.owner, idempotencyKey);
    request.onKey(importId);
    const admission = await parts.keyedUploads.admit(importId);
    if (admission.kind === 'repeats') {
      stream.letGo();
      return await receiveRepeat(parts.tokens, admission.first, begun);
    }
    try {
      request.onBegun(importId, stream);
      return await receiveAdmitted(parts, request, begun, importId, admission);
    } finally {
      admission.leave();
    }
  } catch (error) {
    throw toProblem(error);
  }
}

/** A file of which the first bytes have come. */
interface BegunFile {
  readonly channel: UploadChannel;
  readonly fileName: string;
  readonly fields: UploadFields;
  /** As of `planColumns`. */
  readonly mendedColumns?: ReadColumns;
  readonly stream: ResumableFile;
}

/** @param admission null where the request has no key */
async function receiveAdmitted(
  parts: FileParts,
  { sender, declaredBytes }: FileRequest,
  { channel, fileName, fields, mendedColumns: mended, stream }: BegunFile,
  importId: string,
  admission: AdmittedUpload | null,
): Promise<ReceivedFile> {
  const { channelId, owner } = channel;
  const upload = new Upload(
    parts.log,
    parts.logger,
    { importId, channelId, owner, fileName, fields, mended, settings: uploadSettings(parts, owner) },
    {
      limits: parts.limits,
      lease: parts.lease,
      expressShare: parts.expressShare,
      turns: parts.turns,
      declaredBytes,
      afterUploadId: admission?.afterUploadId,
      onStopped: (problem) => stream.fail(problem),
      mayBegin: () => {
        if (admission !== null) parts.keyedUploads.refuseOvertaken(importId, admission.formerUploadId);
      },
      untilBegun: async (uploadId) => {
        if (admission === null) return;
        await parts.keyedUploads.untilBegun(importId, uploadId, admission);
        admission.leave();
      },
    },
  );
  return receiveUpload(parts, upload, channel, { sender, stream, sheet: fields.sheet });
}

export function uploadSettings(
  { settings, logger }: Pick<FileParts, 'settings' | 'logger'>,
  owner: string,
): UploadSettings {
  const { defaultCountry, duplicates } = settings.get(owner);
  return {
    ...{ defaultCountry, duplicates },
    mappingFor: (header) => settings.mappingFor(owner, header),
    // An import does not wait for it, nor fail with it.
    remember: (mapping) =>
      void settings
        .remember(owner, mapping)
        .catch((error: unknown) => logger.warn({ err: error }, 'a mapping of columns is not remembered')),
  };
}

/** The import that a file mends; null for none. @throws Problem invalid_request, where the owner has no such import */
export async function findMended(
  reader: FileParts['reader'],
  owner: string,
  mends: string | undefined,
): Promise<ImportState | null> {
  if (mends === undefined) return null;
  const found = await reader.find(mends);
  if (found?.owner === owner) return found.state;
  throw new Problem('invalid_request', 'The field `mends` names no import of yours.', { field: 'mends' });
}

/** How the rows of the import that a file mends were read: the file's own are read so, too, unless its request says otherwise. */
export async function rulesOfMended(
  store: FileParts['contactStore'],
  mended: Pick<ImportState, 'importId'> | null,
): Promise<Pick<UploadFields, 'defaultCountry' | 'invalidFields'> & { readonly columns?: ReadColumns }> {
  const layout = mended === null ? null : await store.importLayout(mended.importId);
  const columns = layout?.rules?.columns;
  return {
    ...rulesIn(layout),
    ...(layout === null || columns === undefined ? {} : { columns: { header: layout.header, columns } }),
  };
}

interface FileOfUpload extends Pick<BegunFile, 'stream'> {
  /** As of `UploadedTextOptions`. */
  readonly sheet?: string;
}

async function receiveUpload(
  { foldedImports, limits: { maxBytes }, heldWorkbooks, tokens }: FileParts,
  upload: Upload,
  channel: UploadChannel,
  { sender, stream, sheet: wanted }: Pick<FileRequest, 'sender'> & FileOfUpload,
): Promise<ReceivedFile> {
  const source = { sender, file: stream };
  const options = { sheet: wanted, maxBytes, source, heldWorkbooks };
  const opened = await openUploadedText(stream, options).catch((error) => {
    throw toUploadProblem(error);
  });
  const { sheet } = opened;
  const leaves = [cutOffWhenEnded(foldedImports, upload), cutOffWhenRevoked(tokens, channel, upload)];
  try {
    await upload.receive(opened.text, sheet);
  } catch (error) {
    throw namingSheets(toUploadProblem(error), sheet);
  } finally {
    for (const leave of leaves) leave();
    await opened.close();
  }
  const names = sheet === null ? {} : { sheet: sheet.name, sheets: [...sheet.names] };
  const { channelId, token } = channel;
  return {
    accepted: { importId: upload.importId, channelId, channelToken: token, ...names },
    sender: channel,
    isExpress: upload.isExpress,
    isRepeat: false,
    seal: () => {
      // The rest of the form may have come slowly.
      if (tokens.isRevoked(channel)) upload.stop(revoked());
      return upload.seal();
    },
    abort: (error) => upload.abort(error),
  };
}

/** Reads the file to its end: another one under the same key is a mistake of the sender. @throws Problem idempotency_mismatch */
async function receiveRepeat(
  tokens: TokenAuthority,
  { state }: FoldedImport,
  { channel, fileName, stream }: Omit<BegunFile, 'fields'>,
): Promise<ReceivedFile> {
  let bytes = 0;
  for await (const part of stream) bytes += part.length;
  if (fileName !== state.fileName || bytes !== state.bytes) {
    const message =
      'The first upload under this key was another file: its name or its length differs. Use a new key.';
    throw new Problem('idempotency_mismatch', message, { field: 'file' });
  }
  return repeatOf(tokens, state, channel);
}

/** The answer to the first upload under a key, once more. @throws Problem, where the sender's tokens were taken back */
export async function repeatOf(
  tokens: TokenAuthority,
  { importId, channelId }: Pick<ImportState, 'importId' | 'channelId'>,
  channel: UploadChannel,
): Promise<ReceivedFile> {
  if (tokens.isRevoked(channel)) throw revoked();
  const { owner, epoch, renewUntil } = channel;
  const channelToken =
    channelId === channel.channelId
      ? channel.token
      : await tokens.issueChannelToken({ channelId, owner, epoch, renewUntil });
  const nothing = () => Promise.resolve();
  const accepted = { importId, channelId, channelToken };
  return { accepted, sender: channel, isExpress: false, isRepeat: true, seal: nothing, abort: nothing };
}

/** The file's name without folders. It is shown as text, and never used as a path. */
function shortFileName(name: string): string {
  return toLine(name.split(/[/\\]/).at(-1) ?? '', MAX_FILE_NAME) || 'contacts.csv';
}
