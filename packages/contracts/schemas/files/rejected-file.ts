import { z } from 'zod';
import { spokenLanguages } from '../../language.ts';

/** Of every answer that tells why rows were rejected. */
export const reasonsQuerySchema = z.object({
  language: z
    .enum(spokenLanguages)
    .optional()
    .describe('In which the reasons are told; default: what `Accept-Language` prefers, else English.'),
});
