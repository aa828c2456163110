/** JSON Schemas from the schemas of contracts/; those that several places share get a name, and stand in the document once. */
import { contactSchema, openedChannelSchema, problemSchema } from '@tidings/contracts/schemas/answers.ts';
import { foldedImportSchema } from '@tidings/contracts/schemas/folded-import.ts';
import { importStateSchema } from '@tidings/contracts/schemas/import.ts';
import { notificationSchema, publishedNotificationSchema } from '@tidings/contracts/schemas/notification.ts';
import { z } from 'zod';

export type JsonObject = { [name: string]: unknown };

const named: Readonly<Record<string, z.ZodType>> = {
  Contact: contactSchema,
  FoldedImport: foldedImportSchema,
  ImportState: importStateSchema,
  Notification: notificationSchema,
  OpenedChannel: openedChannelSchema,
  Problem: problemSchema,
  PublishedNotification: publishedNotificationSchema,
};

const registry = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });

/**
 * The schemas of one document. Fields that are not named are allowed: later releases answer more of them. A request that must not hold
 * any others says so.
 */
export class DocumentSchemas {
  /** Those that have a name and are used. */
  readonly #components = new Map<string, JsonObject>();

  /** The schema, or a reference to it. */
  of(schema: z.ZodType): JsonObject {
    const id = registry.get(schema)?.id;
    const { $schema: _dialect, $defs, id: _id, ...json } = toJson(schema);
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, JsonObject>))
      this.#keep(name, definition);
    if (id === undefined) return json;
    this.#keep(id, json);
    return { $ref: `#/components/schemas/${id}` };
  }

  get components(): JsonObject {
    return Object.fromEntries([...this.#components].toSorted(([one], [other]) => one.localeCompare(other)));
  }

  #keep(name: string, { id: _id, ...definition }: JsonObject): void {
    this.#components.set(name, definition);
  }
}

function toJson(schema: z.ZodType): JsonObject {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', metadata: registry });
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonObject;
}
