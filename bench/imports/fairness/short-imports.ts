/** Imports of ten rows, as one owner sends them: from the first byte that is sent to the outcome on the owner's channel. */
import { type Channel, openChannel, uploadImport } from '@tidings/client/index.ts';
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import { buckets, hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import { acceptImport, getJson } from '@tidings/testing/connections/requests.ts';
import { contactsHeader, contactsRow } from '../../measure.ts';

export const SHORT_ROWS = 10;

export interface ShortImportsOptions {
  /** Of `contactsRow`; each import has other rows. */
  readonly firstRow: number;
  /** Where people sign in. */
  readonly userToken?: string;
  /** Imports a minute, at most; default 50. */
  readonly perMinute?: number;
}

/** Uploads a minute that go through one channel: each may send 60 requests. */
const UPLOADS_PER_CHANNEL = 50;

/** The short imports of one owner, and the outcomes that come on the owner's channels. */
export class ShortImports {
  /** Milliseconds of each import that has ended, in the order of the ends. */
  readonly times: number[] = [];
  readonly #url: string;
  readonly #channels: readonly Channel[];
  readonly #waiting = new Map<string, () => void>();
  /** Of imports whose outcome came before their answer. */
  readonly #ended = new Set<string>();
  #rows: number;
  #sent = 0;

  constructor(url: string, { firstRow, userToken, perMinute = UPLOADS_PER_CHANNEL }: ShortImportsOptions) {
    this.#url = url;
    this.#rows = firstRow;
    const channels = Math.ceil(perMinute / UPLOADS_PER_CHANNEL);
    this.#channels = Array.from({ length: channels }, () => openChannel({ url, userToken }));
    for (const channel of this.#channels)
      channel.onNotification(({ type, subject, data }) => {
        if (!type.startsWith('import.completed')) return;
        if ((data as ImportState).rows.total !== SHORT_ROWS) throw new Error(`expected ${SHORT_ROWS} rows`);
        this.#ended.add(subject);
        this.#waiting.get(subject)?.();
      });
  }

  async ready(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.ready()));
  }

  /** Resolves when the upload is answered, with a promise of the end. */
  async send(): Promise<{ readonly ended: Promise<void> }> {
    const lines = Array.from({ length: SHORT_ROWS }, () => contactsRow(this.#rows++));
    const start = performance.now();
    const { importId } = await uploadImport({
      baseUrl: this.#url,
      file: new Blob([contactsHeader, ...lines]),
      fileName: 'short.csv',
      channel: this.#channels[this.#sent++ % this.#channels.length]?.credentials ?? undefined,
    });
    const ended = new Promise<void>((resolve) => {
      if (this.#ended.has(importId)) resolve();
      else this.#waiting.set(importId, resolve);
    });
    return { ended: ended.then(() => void this.times.push(performance.now() - start)) };
  }

  /** One import from its first byte to its outcome. */
  async run(): Promise<void> {
    await (await this.send()).ended;
  }

  close(): void {
    for (const channel of this.#channels) channel.close();
  }
}

/** Uploads the long file, and again when its import has ended: a long import runs at every moment, from its first byte on. */
export function keepLongImportRunning(url: string, file: Buffer, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  let stopped = false;
  let rowsBefore = 0;
  const begun: AcceptedImport[] = [];
  const stateOf = ({ importId, channelToken }: AcceptedImport, wait: string) =>
    getJson<ImportState>(`${url}/imports/${importId}`, channelToken, { Prefer: wait });
  const imports = (async () => {
    while (!stopped) {
      const long = await acceptImport(url, { file, fileName: 'long.csv', headers });
      begun.push(long);
      for (let hasOne = true; hasOne && !stopped; ) {
        const state = await stateOf(long, 'wait=2');
        hasOne = !hasEnded(state);
        if (!hasOne) rowsBefore += rowsOf(state);
      }
    }
  })();
  return {
    /** Rows of all long imports that are in a bucket by now. */
    async rows() {
      const before = rowsBefore;
      const last = begun.at(-1);
      const state = last === undefined ? null : await stateOf(last, 'wait=0');
      return before + (state === null || hasEnded(state) ? 0 : rowsOf(state));
    },
    /** Resolves with the number of long imports. Rejects where one was refused. */
    async stop() {
      stopped = true;
      await imports;
      return begun.length;
    },
  };
}

/** Rows that are in a bucket. */
function rowsOf({ rows }: ImportState): number {
  return buckets.reduce((sum, bucket) => sum + rows[bucket], 0);
}
