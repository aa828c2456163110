/** The row of libphonenumber-js in “Libraries we lean on” of ARCHITECTURE. */
import metadata from 'libphonenumber-js/max/metadata';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

describe('libphonenumber-js', () => {
  test('compact metadata, version 4: the parts of a numbering plan stand at these places', () => {
    expect(
      z
        .object({ version: z.literal(4) })
        .loose()
        .safeParse(metadata).success,
    ).toBe(true);
    const plans = new Map<string, readonly unknown[]>(Object.entries(metadata.countries));
    const germany = plans.get('DE') ?? [];
    expect(germany[0]).toBe('49');
    expect(germany[1]).toBe('00');
    expect(germany[2]).toMatch(/\\d\{/);
    expect(germany[3]).toEqual(expect.arrayContaining([10, 11]));
    expect(germany[5]).toBe('0');
    expect(plans.get('BR')?.[7]).toMatch(/^\(\?:/);
    expect(plans.get('PR')?.[10]).toBe('787|939');
    const [fixedLine] = germany[11] as readonly (readonly unknown[])[];
    expect(fixedLine?.[0]).toMatch(/\\d\{/);
    expect(metadata.country_calling_codes['1']?.[0]).toBe('US');
  });
});
