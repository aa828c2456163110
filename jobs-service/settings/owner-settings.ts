/**
 * What owners have set, as a table in memory on a compacted topic. A mapping has a record of its own, so that an upload which remembers one
 * overwrites no choice that is made elsewhere at the same moment.
 *
 * Who changes a named version claims it first, by a record on the same topic: of those who claim the same one, the log's order says who may. The
 * claim goes with the change; that of a process which has ended holds nobody up for long.
 */
import { createHash } from 'node:crypto';
import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';
import {
  type ChosenSettings,
  defaultSettings,
  MAPPING_REMEMBERED_TYPE,
  MAX_MAPPING_BYTES,
  MAX_MAPPINGS,
  type OwnedMapping,
  type OwnerSettings,
  type RememberedMapping,
  SETTINGS_CHOSEN_TYPE,
  SETTINGS_CLAIMED_TYPE,
  type SettingsClaim,
} from '@tidings/contracts/owners/settings.ts';
import { createEvent, decodeEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import {
  chosenSettingsSchema,
  ownedMappingSchema,
  settingsClaimSchema,
} from '@tidings/contracts/schemas/owners/settings.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { isExportColumn } from '@tidings/csv/writing/rejected-export.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { openTable, type Table, type TableLag, type ValueRecord } from '@tidings/event-log/table.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';

/** Milliseconds by the log's clock for which a claim keeps others from the same version. */
const CLAIM_MS = 10_000;
/** Milliseconds by its own clock within which whoever has claimed begins to write the change. */
const CLAIMED_CHANGE_MS = 5_000;

type Setting =
  | { readonly kind: 'choices'; readonly owner: string; readonly choices: ChosenSettings }
  | {
      readonly kind: 'mapping';
      readonly owner: string;
      readonly mapping: OwnedMapping;
      readonly offset: number;
    }
  | {
      readonly kind: 'claim';
      readonly owner: string;
      readonly version: string;
      readonly offset: number;
      /** Milliseconds since 1970, by the log's clock. */
      readonly at: number;
    };

type HeldMapping = Extract<Setting, { kind: 'mapping' }>;

export class OwnerSettingsTable {
  readonly #log: EventLog;
  readonly #table: Table<Setting>;
  /** Mappings and claims by owner, then by key. */
  readonly #byOwner = new Map<string, Map<string, Setting>>();
  readonly #ownerByKey = new Map<string, string>();

  constructor(log: EventLog, table: Table<Setting>) {
    this.#log = log;
    this.#table = table;
    for (const [key, setting] of table.entries()) this.#index(key, setting);
    table.onChange((key, setting) => this.#index(key, setting));
  }

  /** As of now; the defaults where the owner has set nothing. */
  get(owner: string): OwnerSettings {
    const held = this.#table.get(choicesKey(owner));
    const { defaultCountry, duplicates } = held?.kind === 'choices' ? held.choices : defaultSettings;
    const mappings = this.#held(owner).map(([, { mapping }]) => plain(mapping));
    return { defaultCountry, duplicates, mappings };
  }

  /** Whether the owner has set anything. */
  has(owner: string): boolean {
    return this.#table.get(choicesKey(owner)) !== undefined || this.#held(owner).length > 0;
  }

  /** Of what `get` answers: the same for the same settings. */
  version(owner: string): string {
    return digestOf(JSON.stringify(this.get(owner)));
  }

  /** What the owner has said last of the columns of such a header; undefined where that is nothing. */
  mappingFor(owner: string, header: readonly string[]): Readonly<Record<string, string>> | undefined {
    const held = this.#table.get(mappingKey(owner, header));
    return held?.kind === 'mapping' && held.owner === owner ? held.mapping.mapping : undefined;
  }

  /**
   * Resolves when the change is durable, and this process knows it. What is left out stays.
   * @param isExpected whether this version may be changed; default: any
   * @returns false, and nothing changed, where the version is another one, or somebody else is changing it
   */
  async put(
    owner: string,
    change: Partial<OwnerSettings>,
    isExpected?: (version: string) => boolean,
  ): Promise<boolean> {
    await this.#table.catchUp();
    if (isExpected === undefined) {
      await this.#write(this.#recordsOf(owner, change));
      return true;
    }
    const version = this.version(owner);
    if (!isExpected(version)) return false;
    const endsAt = performance.now() + CLAIMED_CHANGE_MS;
    const claim = claimRecord({ owner, version });
    await this.#write([claim]);
    const { isFirst, expired } = this.#claimAt(owner, claim.key);
    const mayChange = isFirst && this.version(owner) === version && performance.now() < endsAt;
    const changed = mayChange ? this.#recordsOf(owner, change) : [];
    await this.#write([...changed, ...[claim.key, ...expired].map(tombstone)]);
    return mayChange;
  }

  /** Whether no other claim of this version stands before this one, and which claims hold nobody up any more. */
  #claimAt(owner: string, key: string): { readonly isFirst: boolean; readonly expired: readonly string[] } {
    const claims = [...(this.#byOwner.get(owner) ?? [])].flatMap(([other, setting]) =>
      setting.kind === 'claim' ? [{ ...setting, key: other }] : [],
    );
    const own = claims.find((claim) => claim.key === key);
    if (own === undefined) return { isFirst: false, expired: [] };
    const isOver = ({ at }: { at: number }) => own.at - at >= CLAIM_MS;
    const isBefore = ({ offset, version }: typeof own) => offset < own.offset && version === own.version;
    return {
      isFirst: !claims.some((claim) => isBefore(claim) && !isOver(claim)),
      expired: claims.filter(isOver).map((claim) => claim.key),
    };
  }

  async #write(records: readonly NewRecord[]): Promise<void> {
    if (records.length > 0) await this.#log.append(records);
    await this.#table.catchUp();
  }

  #recordsOf(owner: string, change: Partial<OwnerSettings>): NewRecord[] {
    const records: NewRecord[] = [];
    const { mappings: _mappings, ...present } = this.get(owner);
    const { mappings, ...choices } = change;
    if (Object.keys(choices).length > 0) records.push(choicesRecord({ owner, ...present, ...choices }));
    if (mappings !== undefined) {
      const wanted = new Set(mappings.map(({ header }) => mappingKey(owner, header)));
      const gone = this.#held(owner).filter(([key]) => !wanted.has(key));
      // The last one of a topic is the newest, and the newest comes first.
      const changed = mappings.toReversed().map((one) => mappingRecord({ owner, ...one }));
      records.push(...gone.map(([key]) => tombstone(key)), ...changed);
    }
    return records;
  }

  /** Resolves when the mapping is durable. One that is too large is not remembered; beyond the bound the oldest goes. */
  async remember(owner: string, { header, mapping }: RememberedMapping): Promise<void> {
    if (!fits({ header, mapping })) return;
    const key = mappingKey(owner, header);
    const known = this.#table.get(key);
    if (known?.kind === 'mapping' && JSON.stringify(known.mapping.mapping) === JSON.stringify(mapping))
      return;
    const others = this.#held(owner).filter(([other]) => other !== key);
    const gone = others.slice(MAX_MAPPINGS - 1).map(([other]) => tombstone(other));
    await this.#log.append([mappingRecord({ owner, header: [...header], mapping }), ...gone]);
  }

  /** Removes all that the owner has set. Resolves with how many records that were. */
  async erase(owner: string): Promise<number> {
    await this.#table.catchUp();
    const keys = [choicesKey(owner), ...(this.#byOwner.get(owner)?.keys() ?? [])];
    const present = keys.filter((key) => this.#table.get(key) !== undefined);
    if (present.length > 0) await this.#log.append(present.map(tombstone));
    await this.#table.catchUp();
    return present.length;
  }

  lag(): Promise<TableLag> {
    return this.#table.lag();
  }

  close(): Promise<void> {
    return this.#table.close();
  }

  /** The newest first. */
  #held(owner: string): [string, HeldMapping][] {
    const held = [...(this.#byOwner.get(owner) ?? [])].flatMap(([key, setting]): [string, HeldMapping][] =>
      setting.kind === 'mapping' ? [[key, setting]] : [],
    );
    return held.sort(([, one], [, other]) => other.offset - one.offset);
  }

  #index(key: string, setting: Setting | undefined): void {
    const owner = setting?.owner ?? this.#ownerByKey.get(key);
    if (owner === undefined || setting?.kind === 'choices') return;
    const ofOwner = this.#byOwner.get(owner) ?? new Map<string, Setting>();
    if (setting === undefined) {
      ofOwner.delete(key);
      this.#ownerByKey.delete(key);
    } else {
      ofOwner.set(key, setting);
      this.#ownerByKey.set(key, owner);
    }
    if (ofOwner.size === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, ofOwner);
  }
}

/** Resolves when the topic, which must exist, is read. A record that nobody can read is passed over and logged. */
export async function openOwnerSettings(log: EventLog, logger: Logger): Promise<OwnerSettingsTable> {
  const table = await openTable<Setting>({
    log,
    topic: topics.ownerSettings,
    decode: decodeSetting,
    onError: (error, record) =>
      logger.error(
        { err: error, topic: topics.ownerSettings, offset: record?.offset },
        'following owner settings failed',
      ),
  });
  return new OwnerSettingsTable(log, table);
}

/** Whether it is small enough to be remembered. */
export function fits(mapping: RememberedMapping): boolean {
  return Buffer.byteLength(JSON.stringify(plain(mapping))) <= MAX_MAPPING_BYTES;
}

function decodeSetting({ value, offset, timestamp }: ValueRecord): Setting {
  const { type, data } = decodeEvent(value);
  if (type === SETTINGS_CLAIMED_TYPE)
    return { kind: 'claim', ...settingsClaimSchema.parse(data), offset, at: timestamp };
  if (type === SETTINGS_CHOSEN_TYPE) {
    const choices = chosenSettingsSchema.parse(data);
    return { kind: 'choices', owner: choices.owner, choices };
  }
  const mapping = ownedMappingSchema.parse(data);
  return { kind: 'mapping', owner: mapping.owner, mapping, offset };
}

function plain({ header, mapping }: RememberedMapping): RememberedMapping {
  return { header: [...header], mapping };
}

function choicesKey(owner: string): string {
  return `choices/${owner}`;
}

/** The same for every spelling that is the same column, and for our export of the file's rejected rows. */
function mappingKey(owner: string, header: readonly string[]): string {
  const names = header.map(foldColumnName).filter((_, index) => !isExportColumn(header[index] ?? ''));
  return `mapping/${digestOf(JSON.stringify(names))}/${owner}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function claimRecord(data: SettingsClaim): NewRecord & { readonly key: string } {
  const { owner } = data;
  const event = createEvent({ type: SETTINGS_CLAIMED_TYPE, subject: owner, owner, data });
  const key = `claim/${event.eventId}/${owner}`;
  return { topic: topics.ownerSettings, key, value: encodeEvent(event) };
}

function choicesRecord(data: ChosenSettings): NewRecord {
  const { owner } = data;
  const event = createEvent({ type: SETTINGS_CHOSEN_TYPE, subject: owner, owner, data });
  return { topic: topics.ownerSettings, key: choicesKey(owner), value: encodeEvent(event) };
}

function mappingRecord(data: OwnedMapping): NewRecord {
  const { owner, header } = data;
  const event = createEvent({ type: MAPPING_REMEMBERED_TYPE, subject: owner, owner, data });
  return { topic: topics.ownerSettings, key: mappingKey(owner, header), value: encodeEvent(event) };
}

function tombstone(key: string): NewRecord {
  return { topic: topics.ownerSettings, key, value: null };
}
