import type { z } from 'zod';

type Same<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false;

/** `schemaOf<Type>()(schema)` returns the schema. It does not compile unless the schema's output is exactly the type. */
export function schemaOf<Type>() {
  return <Schema extends z.ZodType>(
    schema: Schema & (Same<z.output<Schema>, Type> extends true ? unknown : { readsAnotherType: Type }),
  ): Schema => schema;
}
