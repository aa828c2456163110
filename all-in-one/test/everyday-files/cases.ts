/** Small files as people have them, and what becomes of each: `manifest.json`, with the rules of ours that speak against it. Files `lo…` are ours as LibreOffice 7.4 saved them. */
import { readFileSync } from 'node:fs';
import type { BucketCounts } from '@tidings/contracts/imports/import.ts';

type Rows = { readonly total: number } & Partial<BucketCounts>;

export interface ExpectedEnd {
  /** A bucket that is not named holds no row. */
  readonly rows?: Rows;
  /** By the part of the address before the `@`: the fields that matter. */
  readonly contacts?: Readonly<Record<string, ExpectedContact>>;
  /** Addresses of contacts, without regard to case. */
  readonly addresses?: readonly string[];
  /** Line and code of each rejected row. */
  readonly rejects?: readonly (readonly [line: number, code: string])[];
  /** What the first cell was that an earlier program saved in the wrong encoding. */
  readonly encodedTwice?: string;
  /** The problem's, where the file is refused. */
  readonly code?: string;
  readonly line?: number;
}

export interface ExpectedContact {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface EverydayCase {
  readonly id: string;
  readonly file: string;
  readonly about: string;
  /** Sent with the file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Of every address in the file. */
  readonly domain: string;
  /** Round by round, what is replaced in the cells of the rejected rows before these are dropped again; `D` is the domain. */
  readonly loop?: readonly (readonly (readonly [from: string, to: string])[])[];
  readonly expect: ExpectedEnd;
}

/** Expectations of the manifest that a rule of ours replaces. */
const ruled: Readonly<Record<string, { readonly expect: ExpectedEnd; readonly why: string }>> = {
  c01: {
    expect: { rows: { total: 164, created: 164 } },
    why: 'every name in the list is one that people write, so each row must be imported',
  },
  e09: {
    expect: {
      rows: { total: 1, created: 1 },
      contacts: { ada: { attributes: { 'email 2': 'bob@e09.test' } } },
    },
    why: 'of several addresses in a cell the first is the key, and the others are kept',
  },
  e11: {
    expect: {
      rows: { total: 1, created: 1 },
      contacts: { ada: { attributes: { 'email 2': 'bob@e11.test' } } },
    },
    why: 'of several addresses in a cell the first is the key, and the others are kept',
  },
  p13: {
    expect: {
      rows: { total: 1, created: 1 },
      contacts: { ada: { phone: '+493023125000', attributes: { 'phone 2': '+491711234567' } } },
    },
    why: 'Google lists several numbers in a cell: the first is the contact’s, and the others are kept',
  },
};

const folder = new URL('./', import.meta.url);

export function readCases(): readonly EverydayCase[] {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as EverydayCase[];
  return manifest.map((one) => ({ ...one, expect: ruled[one.id]?.expect ?? one.expect }));
}

export function readCaseFile({ file }: EverydayCase): Uint8Array {
  return readFileSync(new URL(`files/${file}`, folder));
}
