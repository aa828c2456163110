/** The values of a patch as they are stored: phone numbers and countries are read by the rules of an import, as people write them. */
import type { RowCode } from '@tidings/contracts/codes.ts';
import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import type { EditableField } from '@tidings/contracts/contacts/contact-fields.ts';
import { sentenceOf } from '@tidings/contracts/files/row-words/reasons.ts';
import type { CountryLookup } from '@tidings/rows/country-directory.ts';
import { RowValidator } from '@tidings/rows/row-validator.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

export interface ValueRules {
  readonly countries: CountryLookup;
  /** The owner's, for numbers without a country; null where there is none. */
  readonly defaultCountry: string | null;
}

const columns = ['email', 'phone', 'country'];
const fieldOfCode: Readonly<Partial<Record<RowCode, EditableField>>> = {
  phone_invalid: 'phone',
  phone_country_unknown: 'phone',
  country_unknown: 'country',
};

/**
 * A number without a country is read in the one that the contact has then. A new country brings its time zone along, unless the patch names one.
 * @throws Problem invalid_request, with the field
 */
export function storedValues(patch: ContactPatch, contact: Contact, rules: ValueRules): ContactPatch {
  if (patch.phone === undefined && patch.country === undefined) return patch;
  const row = [contact.email, patch.phone ?? '', patch.country ?? contact.country];
  const checked = new RowValidator({ header: columns, columns, ...rules }).validate({
    ...{ row: 0, line: 1 },
    cells: row,
  });
  if ('codes' in checked) throw faultOf(checked.codes);
  const { fields, attributes } = checked.valid;
  const stored = { ...patch };
  if (patch.phone !== undefined) {
    stored.phone = fields.phone ?? '';
    // The extension of a number, which the number itself cannot hold.
    stored.attributes = { ...attributes, ...patch.attributes };
  }
  if (patch.country !== undefined) {
    stored.country = fields.country ?? '';
    if (patch.timeZone === undefined && stored.country !== contact.country)
      stored.timeZone = fields.timeZone ?? '';
  }
  return stored;
}

function faultOf(codes: readonly RowCode[]): Problem {
  const code = codes.find((one) => fieldOfCode[one] !== undefined) ?? codes[0];
  if (code === undefined) throw new RangeError('A row was refused without a reason.');
  return new Problem('invalid_request', sentenceOf(code), { field: fieldOfCode[code], reason: code });
}
