import { z } from 'zod';
import type { UndoItem } from '../../imports/undo-outcomes.ts';
import { schemaOf } from '../values/schema-of.ts';

export const undoItemSchema = schemaOf<UndoItem>()(
  z.object({
    contactId: z.uuid(),
    email: z.string(),
    outcome: z.enum(['reversed', 'kept', 'failed']),
    reason: z.string().nullable(),
  }),
);
