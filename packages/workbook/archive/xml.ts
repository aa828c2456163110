/// <reference path="./saxen.d.ts" />
/** Reads XML while it streams in. Namespaces count for nothing: an element is known by its name without a prefix. */
import { Parser } from 'saxen';
import { unreadable } from '../unreadable.ts';

export type Attributes = Readonly<Record<string, string | undefined>>;

export interface XmlHandlers {
  /** Attributes are as they stand in the file: see `decodeXml`. */
  open(name: string, attributes: () => Attributes): void;
  /** As it stands in the file: see `decodeXml`. */
  text(text: string): void;
  close(name: string): void;
}

/** Elements within each other, at most. */
const MAX_DEPTH = 200;
/** Characters without a tag, at most: a cell has 32,767, each of which may be written as several. */
const MAX_TEXT = 1024 * 1024;

export class XmlReader {
  readonly #parser = new Parser();
  #depth = 0;
  /** Characters since the last tag or text. */
  #waiting = 0;

  constructor(handlers: XmlHandlers) {
    this.#parser.on('openTag', (name, attributes) => {
      this.#waiting = 0;
      this.#depth++;
      if (this.#depth > MAX_DEPTH) throw unreadable('its elements are nested too deeply');
      handlers.open(localName(name), attributes);
    });
    this.#parser.on('text', (text) => handlers.text(text));
    // What is written so stands for itself, and goes where escaped text is expected.
    this.#parser.on('cdata', (text) => handlers.text(text.replaceAll('&', '&amp;')));
    this.#parser.on('closeTag', (name) => {
      this.#waiting = 0;
      this.#depth--;
      handlers.close(localName(name));
    });
    this.#parser.on('error', (error) => {
      throw unreadable('a part of it is damaged', error);
    });
  }

  /** @throws CsvError workbook_unreadable, or what a handler throws */
  write(text: string): void {
    this.#waiting += text.length;
    if (this.#waiting > MAX_TEXT + text.length) throw unreadable('a text in it is far too long');
    this.#parser.write(text);
  }

  /** @throws CsvError workbook_unreadable, where elements are still open */
  end(): void {
    this.#parser.end();
  }
}

/** Reads a whole text. @throws CsvError workbook_unreadable */
export function readXml(text: string, handlers: Partial<XmlHandlers>): void {
  const nothing = () => undefined;
  const reader = new XmlReader({ open: nothing, text: nothing, close: nothing, ...handlers });
  reader.write(text.slice(0, MAX_TEXT));
  for (let at = MAX_TEXT; at < text.length; at += MAX_TEXT) reader.write(text.slice(at, at + MAX_TEXT));
  reader.end();
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

const NAMED = new Map([
  ['amp', '&'],
  ['apos', "'"],
  ['gt', '>'],
  ['lt', '<'],
  ['quot', '"'],
]);

/** Text and attributes with their references resolved. A reference that means nothing stays as it is. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, (reference, decimal, hex, name) => {
    if (name !== undefined) return NAMED.get(name) ?? reference;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
  });
}

/** Characters that XML cannot hold are written `_x000D_` in texts of a workbook. */
export function decodeCellText(text: string): string {
  const decoded = decodeXml(text);
  if (!decoded.includes('_x')) return decoded;
  return decoded.replace(/_x([\da-f]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}
