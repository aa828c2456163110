import { z } from 'zod';
import { MAX_COLUMNS, MAX_FORM_FIELD_BYTES, MAX_RECORD_BYTES } from '../../limits.ts';
import {
  type ChosenSettings,
  duplicateRules,
  MAX_MAPPINGS,
  type OwnedMapping,
  type OwnerSettings,
  type RememberedMapping,
  type SettingsClaim,
} from '../../owners/settings.ts';
import { countryCodeSchema } from '../reference.ts';
import { toCountryCode } from '../values/country-code.ts';
import { namedValues } from '../values/named-values.ts';
import { schemaOf } from '../values/schema-of.ts';
import { cellSchema, lineSchema, ownerSchema, textSchema } from '../values/text.ts';

export const duplicateRuleSchema = z.enum(duplicateRules);

const mapping = namedValues(textSchema(MAX_FORM_FIELD_BYTES), lineSchema(MAX_FORM_FIELD_BYTES));
const rememberedMapping = {
  header: z.array(cellSchema(MAX_RECORD_BYTES)).min(1).max(MAX_COLUMNS),
  mapping,
};
const rememberedMappingSchema = schemaOf<RememberedMapping>()(z.object(rememberedMapping));
const choices = { defaultCountry: countryCodeSchema.nullable(), duplicates: duplicateRuleSchema };

export const ownerSettingsSchema = schemaOf<OwnerSettings>()(
  z.object({ ...choices, mappings: z.array(rememberedMappingSchema) }),
);

/** `PUT /settings`: what is left out stays as it is. */
export const putSettingsBodySchema = z
  .strictObject({
    defaultCountry: z
      .string()
      .regex(/^[A-Za-z]{2}$/)
      .transform(toCountryCode)
      .nullable(),
    duplicates: duplicateRuleSchema,
    mappings: z.array(rememberedMappingSchema).max(MAX_MAPPINGS),
  })
  .partial();

export const chosenSettingsSchema = schemaOf<ChosenSettings>()(z.object({ owner: ownerSchema, ...choices }));
export const ownedMappingSchema = schemaOf<OwnedMapping>()(
  z.object({ owner: ownerSchema, ...rememberedMapping }),
);
export const settingsClaimSchema = schemaOf<SettingsClaim>()(
  z.object({ owner: ownerSchema, version: textSchema(100) }),
);
