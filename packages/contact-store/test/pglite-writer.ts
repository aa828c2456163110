/** For tests: applies chunks of 50 new contacts for ever; prints the number of each chunk that is applied. */
import { chunkOf, validRow } from '../conformance/test/test-imports.ts';
import { openEmbeddedContactStore } from '../open-contact-store.ts';

const [folder = '', importId = '', uploadId = '', owner = ''] = process.argv.slice(2);
const store = await openEmbeddedContactStore(folder);
for (let chunk = 0; ; chunk++) {
  const rows = Array.from({ length: 50 }, (_, index) => chunk * 50 + index);
  const valid = rows.map((row) => validRow(row, `row${row}@example.org`, { firstName: `Row ${row}` }));
  await store.applyChunk(chunkOf({ importId, uploadId, owner }, chunk, valid));
  process.stdout.write(`${chunk}\n`);
}
