import type { z } from 'zod';

type Same<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false;

/** `schemaOf<Type>()(schema)`: the schema as it is; `tsc` refuses it unless it reads exactly that type of the contracts. */
export function schemaOf<Type>() {
  return <Schema extends z.ZodType>(
    schema: Schema & (Same<z.output<Schema>, Type> extends true ? unknown : { readsAnotherType: Type }),
  ): Schema => schema;
}
