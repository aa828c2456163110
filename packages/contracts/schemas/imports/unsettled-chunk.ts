import { z } from 'zod';
import type { UnsettledChunk } from '../../imports/unsettled-chunk.ts';
import { schemaOf } from '../values/schema-of.ts';
import { uploadId } from './import.ts';
import { doneChunkShape } from './import-commands.ts';
import { chunkNumber as chunk } from './work.ts';

export const unsettledChunkSchema = schemaOf<UnsettledChunk>()(
  z.object({ uploadId, chunk, report: z.object(doneChunkShape).nullable() }),
);
