/** For tests: opens the contact store on a server, applies one chunk of one row, and closes it. */
import { chunkOf, validRow } from '../conformance/test/test-imports.ts';
import { openPostgresContactStore } from '../open-contact-store.ts';

const [url = '', importId = '', uploadId = '', owner = '', chunk = ''] = process.argv.slice(2);
const store = await openPostgresContactStore({ url, connections: 1 });
const row = validRow(Number(chunk), `process${chunk}@example.org`, { firstName: 'Anna' });
await store.applyChunk(chunkOf({ importId, uploadId, owner }, Number(chunk), [row]));
await store.close();
