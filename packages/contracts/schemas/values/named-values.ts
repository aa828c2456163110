import { z } from 'zod';

type AnyRecord = z.ZodRecord<z.core.$ZodRecordKey, z.core.$ZodType>;

const NamedValues: z.core.$constructor<AnyRecord> = z.core.$constructor(
  'NamedValues',
  (schema: AnyRecord, definition) => {
    z.ZodRecord.init(schema, definition);
    const { keyType, valueType } = schema._zod.def;
    const parse = schema._zod.parse;
    schema._zod.parse = (payload, context) => {
      const given = payload.value;
      const parsed = parse(payload, context);
      if (parsed instanceof Promise || parsed.issues.length > 0) return parsed;
      for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
        if (!/__proto__/i.test(name)) continue;
        const key = keyType._zod.run({ value: name, issues: [] }, context);
        const read = valueType._zod.run({ value, issues: [] }, context);
        if (key instanceof Promise || read instanceof Promise) throw new TypeError('Names are read at once.');
        if (key.value !== '__proto__') continue;
        parsed.issues.push(
          ...read.issues.map((issue) => ({ ...issue, path: [name, ...(issue.path ?? [])] })),
        );
        const property = { value: read.value, enumerable: true, configurable: true, writable: true };
        Object.defineProperty(parsed.value, '__proto__', property);
      }
      return parsed;
    };
  },
);

/**
 * As `z.record`, which drops the name `__proto__` without a word: a column, an attribute and a mapping may have any name. Read the result by
 * `Object.entries`, or by `Object.hasOwn`.
 */
export function namedValues<Key extends z.core.$ZodRecordKey, Value extends z.core.$ZodType>(
  keyType: Key,
  valueType: Value,
): z.ZodRecord<Key, Value> {
  return new NamedValues({ type: 'record', keyType, valueType }) as unknown as z.ZodRecord<Key, Value>;
}
