/**
 * For tests: a real log whose appends can be made to fail, and what stands on it; and a server that takes uploads and lists what
 * became of them, with no importer behind it. Everything is cleaned up by itself.
 */

import { startAggregator } from '@tidings/aggregator/app.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { ChunkWork } from '@tidings/contracts/work.ts';
import { type EventLog, EventLogError, type NewRecord } from '@tidings/event-log/event-log.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { type RequestLimits, RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority, type TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { boundLingering, close, createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { createHealthRouter } from '@tidings/service-kit/process/health.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { createApi } from '../http/api.ts';
import type { LargeAnswers } from '../http/large-answers.ts';
import { openLiveImports } from '../imports/folded-from-log.ts';
import { ImportReader } from '../imports/import-reader.ts';
import { createUploadDoor, type UploadParts } from '../uploads/from-browser.ts';

/**
 * `lost`: the records are not there. `unanswered`: they are, and nobody is told. `too large`: the log never
 * takes them. `closed`: it takes nothing more. */
export type Fault = 'lost' | 'unanswered' | 'too large' | 'closed' | null;

export interface FaultyLog {
  readonly log: EventLog;
  /** What each append comes to from now on; it may take its time. */
  fail(fault: (record: NewRecord) => Fault | Promise<Fault>): void;
  /** The commands on the log, in order. */
  commands(): Promise<{ readonly type: string; readonly data: unknown }[]>;
  /** The chunks on the log, of both lanes, as often as they stand there. */
  chunks(): Promise<ChunkWork[]>;
}

export async function startFaultyLog(): Promise<FaultyLog> {
  const log = await openTestLog({ partitions: 1 });
  let faultOf: (record: NewRecord) => Fault | Promise<Fault> = () => null;
  const append: EventLog['append'] = async (records) => {
    const [fault = null] = await Promise.all(records.map((record) => faultOf(record)));
    if (fault === 'too large') throw new EventLogError('record_too_large', 'A record is too large.');
    if (fault === 'closed') throw new EventLogError('log_closed', 'The log is closed.');
    const positions = fault === 'lost' ? [] : await log.append(records);
    if (fault !== null) throw new EventLogError('log_unavailable', 'The log is away.');
    return positions;
  };
  return {
    log: new Proxy(log, {
      get: (target, name) => (name === 'append' ? append : Reflect.get(target, name).bind(target)),
    }),
    fail: (fault) => {
      faultOf = fault;
    },
    commands: async () =>
      (await readAll(log, topics.commands)).map(({ value }) => {
        const { type, data } = decodeEvent(value);
        return { type, data };
      }),
    chunks: async () =>
      [...(await readAll(log, topics.expressWork)), ...(await readAll(log, topics.bulkWork))].map(
        ({ headers }) => decodeChunkWork(headers).work,
      ),
  };
}

export const SUPPORT_TOKEN = 's'.repeat(32);

export interface UploadServer {
  readonly port: number;
  readonly tokens: TokenAuthority;
  /** What `GET /imports` says of every upload: `receiving`, `sealed` or `aborted`. */
  uploads(): Promise<string[]>;
  /** Stops as the service does: what is under way gets a moment, then its connections are cut. */
  stop(): Promise<void>;
}

export interface UploadServerOptions {
  /** People sign in. */
  readonly userJwtSecret?: string;
  /** Default: one without any import. */
  readonly contactStore?: ContactStore;
  readonly logger?: Logger;
  readonly answers?: LargeAnswers;
  readonly requests?: Partial<RequestLimits>;
}

export async function startUploadServer(
  { log }: FaultyLog,
  options: Partial<Pick<UploadParts, 'limits' | 'maxUploads' | 'patience'>> & UploadServerOptions = {},
): Promise<UploadServer> {
  const { userJwtSecret, requests, contactStore, logger = silentLogger, answers, ...parts } = options;
  const ownerTokens = await openOwnerTokens(log);
  onTestFinished(() => ownerTokens.close());
  const secrets = { authSecret: 'a'.repeat(32), supportToken: SUPPORT_TOKEN, userJwtSecret };
  const tokens = createTokenAuthority(secrets, ownerTokens);
  const aggregator = await startAggregator({
    log,
    logger,
    registry: createRegistry({ processMetrics: false }),
  });
  onTestFinished(() => aggregator.stop());
  const live = await openLiveImports(log, logger);
  onTestFinished(() => live.close());
  const { limits = { maxBytes: 100_000_000, maxRows: 10_000_000 } } = parts;
  const door = createUploadDoor({ log, tokens, logger, maxUploads: 16, ...parts, limits });
  // Without an importer no import ends, so that none is looked for there.
  const nothing: Partial<ContactStore> = { listImports: async () => [], getImport: async () => null };
  const store = contactStore ?? (nothing as ContactStore);
  const reader = new ImportReader(live, store);
  const app = express().use(
    boundLingering,
    createHealthRouter({}, async () => ''),
    createApi({
      tokens,
      rates: new RequestRates(requests),
      ownerTokens,
      contactStore: store,
      reader,
      uploadLimits: { ...limits, maxColumns: 1_000, maxRecordBytes: 131_072 },
      receiveUpload: door.receive,
      answers,
    }),
    answerProblems(logger),
  );
  const server = createHttpServer(app);
  const port = await listen(server, 0, '127.0.0.1');
  const stop = async () => {
    await close(server, 100);
    await door.settled();
  };
  onTestFinished(stop);
  return {
    port,
    tokens,
    async uploads() {
      const headers = { Authorization: `Bearer ${SUPPORT_TOKEN}` };
      const response = await fetch(`http://127.0.0.1:${port}/imports?limit=500`, { headers });
      const { items } = (await response.json()) as { items: { upload: string }[] };
      return items.map(({ upload }) => upload);
    },
    stop,
  };
}

/** The head of an upload whose body comes in chunks of any size. */
export function uploadHead(headers = ''): string {
  return (
    'POST /imports HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' +
    `Content-Type: multipart/form-data; boundary=b\r\n${headers}\r\n`
  );
}

export function bodyChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** One part of the form, without the boundary that ends it. @param disposition what names it */
export function formPart(disposition: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
}

export const filePart = formPart('name="file"; filename="contacts.csv"', 'email\nsomebody@example.org\n');

/** A whole upload. */
export function wholeUpload(parts: string, headers = ''): string {
  return `${uploadHead(headers)}${bodyChunk(`${parts}--b--\r\n`)}0\r\n\r\n`;
}
