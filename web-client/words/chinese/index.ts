/** Everything that the pages say, in Chinese. */
import type { Translation } from '../english/index.ts';
import * as announcements from './announcements.ts';
import * as check from './check.ts';
import * as contactFields from './contact-fields.ts';
import * as ending from './ending.ts';
import * as importing from './import.ts';
import * as problemTitles from './problem-titles.ts';
import * as problems from './problems.ts';
import * as site from './site.ts';
import * as statuses from './statuses.ts';
import * as takeBack from './take-back.ts';

export const chinese: Translation = {
  ...announcements,
  ...check,
  ...contactFields,
  ...ending,
  ...importing,
  ...problemTitles,
  ...problems,
  ...site,
  ...statuses,
  ...takeBack,
};
