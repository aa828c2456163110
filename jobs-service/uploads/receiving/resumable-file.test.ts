import { expect, test } from 'vitest';
import { type FileConnection, ResumableFile } from './resumable-file.ts';
import { ResumableUploads } from './resumable-uploads.ts';

class BrokenConnection implements FileConnection {
  isBrokenOff = false;
  readonly bytes = this.#read();
  readonly body = {
    isBroken: true,
    breakOff: () => {
      this.isBrokenOff = true;
    },
    hangUp: () => undefined,
    destroy: (): never => {
      throw new Error('nothing of it is destroyed');
    },
  };

  async *#read(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    throw new Error('the connection has broken off');
  }
}

// Whoever asked where a file stands in the moment in which it went on ended its former connection, and waited ten seconds for the new one.
test('the connection that goes on with a file is the one that ends from then on', async () => {
  const first = new BrokenConnection();
  const file = new ResumableFile(first, 60_000);
  const read = file[Symbol.asyncIterator]();
  await read.next();
  const rest = read.next();
  expect(await file.standsAt()).toBe(1);
  const [second, third] = [new BrokenConnection(), new BrokenConnection()];
  first.isBrokenOff = false;
  file.resume(1, second);
  file.breakOff();
  expect([first.isBrokenOff, second.isBrokenOff]).toEqual([false, true]);
  await rest;
  const last = read.next();
  expect(await file.standsAt()).toBe(2);
  file.resume(2, third);
  file.letGo();
  await last;
  await expect(read.next()).rejects.toThrow('the connection has broken off');
});

// A file that was not accepted yet, and that another one under its key had followed, was out of reach: it kept its place for two minutes, and the
// service's stop waited for it.
test('a file that another one under its key follows waits for no further connection', async () => {
  const uploads = new ResumableUploads({ findReceived: async () => null });
  const received = new Promise(() => undefined);
  const begin = () => {
    const file = new ResumableFile(new BrokenConnection(), 60_000);
    uploads.add('import', { file, sender: 'mira', received });
    return file;
  };
  const read = begin()[Symbol.asyncIterator]();
  begin();
  await read.next();
  await expect(read.next()).rejects.toThrow('the connection has broken off');
});
