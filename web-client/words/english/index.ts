/** Everything that the pages say, in English: the pattern for the other languages. */
import * as announcements from './announcements.ts';
import * as check from './check.ts';
import * as contactFields from './contact-fields.ts';
import * as ending from './ending.ts';
import * as importing from './import.ts';
import * as problems from './problems.ts';
import * as site from './site.ts';
import * as statuses from './statuses.ts';
import * as takeBack from './take-back.ts';

export const english = {
  ...announcements,
  ...check,
  ...contactFields,
  ...ending,
  ...importing,
  ...problems,
  ...site,
  ...statuses,
  ...takeBack,
};

/** The same names with any text, and functions that take the same. */
export type Translated<Words> = Words extends string
  ? string
  : Words extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Name in keyof Words]: Translated<Words[Name]> };

export type Translation = Translated<typeof english>;
