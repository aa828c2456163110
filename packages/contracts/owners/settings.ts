/** What an owner has set: what uploads begin with, and what an import does to contacts that are there already. */

/**
 * What a row does to a contact that was there before the import: `update` sets what the row says, `fill-blanks` sets only what the contact
 * does not have, and `skip` changes nothing.
 */
export const duplicateRules = ['update', 'skip', 'fill-blanks'] as const;
export type DuplicateRule = (typeof duplicateRules)[number];

/** What an uploader has said of the columns of a header. */
export interface RememberedMapping {
  /** The header's cells. */
  header: string[];
  /** As of an upload: a header cell's text to a target, or '' for a column that is left out. */
  mapping: Record<string, string>;
}

/** `GET /settings`. */
export interface OwnerSettings {
  /** ISO 3166-1 alpha-2: of uploads that name none; null for none. */
  defaultCountry: string | null;
  duplicates: DuplicateRule;
  /** The newest first. */
  mappings: RememberedMapping[];
}

export const defaultSettings: OwnerSettings = { defaultCountry: null, duplicates: 'update', mappings: [] };

/** Mappings of one owner, at most: a further one replaces the oldest. */
export const MAX_MAPPINGS = 50;
/** Bytes of a remembered mapping as JSON; a larger one is not remembered. */
export const MAX_MAPPING_BYTES = 16 * 1024;

/** The types of the events on the topic. */
export const SETTINGS_CHOSEN_TYPE = 'owner.settings-chosen';
export const MAPPING_REMEMBERED_TYPE = 'owner.mapping-remembered';
export const SETTINGS_CLAIMED_TYPE = 'owner.settings-claimed';

export interface ChosenSettings extends Omit<OwnerSettings, 'mappings'> {
  owner: string;
}

/** Who wants to change this version of the settings, and no other; of several the first on the log may. */
export interface SettingsClaim {
  owner: string;
  version: string;
}

export interface OwnedMapping extends RememberedMapping {
  owner: string;
}
