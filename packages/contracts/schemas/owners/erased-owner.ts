import { z } from 'zod';
import type { ErasedOwner } from '../../owners/erased-owner.ts';
import { schemaOf } from '../values/schema-of.ts';
import { count } from '../values/whole-number.ts';

export const erasedOwnerSchema = schemaOf<ErasedOwner>()(
  z.object({ done: z.boolean(), removed: z.record(z.string(), count) }),
);
