import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Country, CountryTimeZone } from '@tidings/contracts/reference.ts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CountryDirectory, type ReferenceTable } from './country-directory.ts';

/** A table whose values the test sets. */
class HandTable<Value> implements ReferenceTable<Value> {
  readonly #values = new Map<string, Value>();
  readonly #listeners: (() => void)[] = [];

  put(key: string, value: Value): void {
    this.#values.set(key, value);
    for (const listener of this.#listeners) listener();
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  entries(): Iterable<readonly [string, Value]> {
    return this.#values.entries();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

interface NamedCountry {
  readonly country: Pick<Country, 'code' | 'name' | 'aliases'>;
}

function country(code: string, name: string, ...aliases: string[]): NamedCountry {
  return { country: { code, name, aliases } };
}

function build(...countries: NamedCountry[]) {
  const table = new HandTable<NamedCountry>();
  const timeZones = new HandTable<Pick<CountryTimeZone, 'timeZone'>>();
  for (const entry of countries) table.put(entry.country.code, entry);
  return { table, timeZones, directory: new CountryDirectory(table, timeZones) };
}

describe('a country', () => {
  it('is found by code, name and alias in any case, with or without diacritics', () => {
    const { directory } = build(country('AT', 'Austria', 'AUT', 'Österreich', 'A.U.'));
    for (const name of [
      'AT',
      'at',
      'austria',
      'AUSTRIA',
      'aut',
      'osterreich',
      'ÖSTERREICH',
      'au',
      ' The Austria ',
    ]) {
      expect(directory.codeOf(name)).toBe('AT');
    }
    for (const name of ['', ' ', '-', 'Austri', 'XX', '__proto__', 'constructor'])
      expect(directory.codeOf(name)).toBeNull();
  });

  it('is unknown where two countries have the alias; a code precedes names, and a name precedes aliases', () => {
    const { directory } = build(
      country('AA', 'Alpha', 'Both', 'BB', 'Beta'),
      country('BB', 'Beta', 'both', 'Alpha'),
    );
    expect(directory.codeOf('both')).toBeNull();
    expect(directory.codeOf('bb')).toBe('BB');
    expect(directory.codeOf('beta')).toBe('BB');
    expect(directory.codeOf('alpha')).toBe('AA');
  });

  it('is found with its code or a part of it beside its name, where both mean one country', () => {
    const { directory } = build(
      country('DE', 'Germany'),
      country('US', 'United States', 'USA'),
      country('CA', 'Canada'),
    );
    for (const name of ['Germany (DE)', 'DE - Germany', 'DE – Germany', 'Germany / DE', 'Germany [Berlin]'])
      expect(directory.codeOf(name)).toBe('DE');
    expect(directory.codeOf('USA (Virginia)')).toBe('US');
    expect(directory.codeOf('USA (CA)')).toBe('US');
    for (const name of ['DE - Canada', 'Germany (Canada)', 'Germany - Berlin', ' - '])
      expect(directory.codeOf(name)).toBeNull();
  });

  it('follows what changes in the table', () => {
    const { table, directory } = build(country('AA', 'Alpha'));
    expect(directory.codeOf('First')).toBeNull();
    table.put('AA', country('AA', 'First'));
    expect(directory.codeOf('First')).toBe('AA');
    expect(directory.codeOf('Alpha')).toBeNull();
  });

  it('remembers a bounded number of spellings', () => {
    const { directory } = build(country('AA', 'Alpha'));
    for (let number = 0; number < 25_000; number++) expect(directory.codeOf(`no ${number}`)).toBeNull();
    expect(directory.codeOf('alpha')).toBe('AA');
  });

  it('is unknown where the name is very long; combining marks are not ordered, which would take quadratic time', () => {
    const { directory } = build(country('AA', 'Alpha'));
    const normalize = vi.spyOn(String.prototype, 'normalize');
    onTestFinished(() => normalize.mockRestore());
    expect(directory.codeOf(`Alpha${'\u0301\u0316'.repeat(31_000)}`)).toBeNull();
    expect(normalize).not.toHaveBeenCalled();
    expect(directory.codeOf('Álpha')).toBe('AA');
    expect(normalize).toHaveBeenCalled();
  });

  it('keeps no chunk in memory by a spelling that is a slice of it: 2,000 chunks of 110 KB pass through 64 MB', async () => {
    const worker = new Worker(new URL('./test/many-spellings.mjs', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    onTestFinished(async () => void (await worker.terminate()));
    const [found] = await once(worker, 'message');
    expect(found).toEqual({ chunks: 2_000, countries: 0 });
  });

  it('has a time zone where the table has one', () => {
    const { timeZones, directory } = build(country('AA', 'Alpha'));
    expect(directory.timeZoneOf('AA')).toBeNull();
    timeZones.put('AA', { timeZone: 'Europe/Vienna' });
    expect(directory.timeZoneOf('AA')).toBe('Europe/Vienna');
  });
});
