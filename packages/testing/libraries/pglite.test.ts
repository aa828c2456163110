/** The row of PGlite in “Libraries we lean on” of ARCHITECTURE. */
import { PGlite } from '@electric-sql/pglite';
import { describe, expect, onTestFinished, test } from 'vitest';

/** One dimension, no nulls, elements of type text, one of them from index 1: “é”. */
const BYTES = Buffer.from('0000000100000000000000190000000100000001' + '00000002c3a9', 'hex');

describe('PGlite', () => {
  test('what the serializer of a query makes of a parameter is sent as it is, and bytes as a binary parameter', async () => {
    const database = await PGlite.create('memory://');
    onTestFinished(() => database.close());
    const given: unknown[] = [];
    const serialize = (value: unknown) => {
      given.push(value);
      return BYTES as unknown as string;
    };
    const { rows } = await database.query('SELECT $1::text[] AS texts', [['x']], {
      serializers: { 1009: serialize },
    });
    expect(rows).toEqual([{ texts: ['é'] }]);
    expect(given).toEqual([['x']]);
  });
});
