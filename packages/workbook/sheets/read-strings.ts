/** Reads the part of a workbook that holds the texts that cells share. */
import { StringDecoder } from 'node:string_decoder';
import { decodeCellText, XmlReader } from '../archive/xml.ts';
import { SharedStrings } from './shared-strings.ts';

/** The caller closes what it gets. @throws CsvError */
export async function readSharedStrings(bytes: AsyncIterable<Buffer>): Promise<SharedStrings> {
  const strings = new SharedStrings();
  const text = new TextCollector();
  const reader = new XmlReader({
    open(name) {
      if (name === 'si') text.begin();
      text.open(name);
    },
    text: (part) => text.add(part),
    close(name) {
      text.close(name);
      if (name === 'si') strings.add(text.take());
    },
  });
  try {
    const decoder = new StringDecoder('utf8');
    for await (const part of bytes) {
      reader.write(decoder.write(part));
      await strings.settle();
    }
    reader.write(decoder.end());
    reader.end();
    return strings;
  } catch (error) {
    await strings.close();
    throw error;
  }
}

/** Joins the runs of a text; leaves out how it is pronounced, which stands beside it in Japanese workbooks. */
export class TextCollector {
  #text = '';
  #isText = false;
  #pronounced = 0;

  begin(): void {
    this.#text = '';
  }

  open(name: string): void {
    if (name === 'rPh') this.#pronounced++;
    else if (name === 't' && this.#pronounced === 0) this.#isText = true;
  }

  add(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(name: string): void {
    if (name === 'rPh') this.#pronounced--;
    else if (name === 't') this.#isText = false;
  }

  take(): string {
    const text = decodeCellText(this.#text);
    this.#text = '';
    return text;
  }
}
