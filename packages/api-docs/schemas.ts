/** Makes JSON Schemas from the schemas of contracts/. A schema that several places share gets a name, and stands in the document once. */
import { contactSchema } from '@tidings/contracts/schemas/contacts/contact.ts';
import { problemSchema } from '@tidings/contracts/schemas/http.ts';
import { foldedImportSchema } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { importStateSchema } from '@tidings/contracts/schemas/imports/import.ts';
import {
  notificationSchema,
  publishedNotificationSchema,
} from '@tidings/contracts/schemas/notifications/notification.ts';
import { openedChannelSchema } from '@tidings/contracts/schemas/notifications/socket-events.ts';
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
 * The schemas of one document. Fields that a schema does not name are allowed, because later releases answer more fields. The schema of a
 * request that must not hold others says so.
 */
export class DocumentSchemas {
  /** The named schemas that the document uses. */
  readonly #components = new Map<string, JsonObject>();

  /** The schema, or a reference to it. */
  of(schema: z.ZodType): JsonObject {
    const { $schema: _dialect, $defs = {}, ...json } = toJson(schema);
    for (const [name, { id: _id, ...definition }] of Object.entries($defs as Record<string, JsonObject>))
      this.#components.set(name, definition);
    return json;
  }

  get components(): JsonObject {
    return Object.fromEntries([...this.#components].toSorted(([one], [other]) => one.localeCompare(other)));
  }
}

function toJson(schema: z.ZodType): JsonObject {
  // As part of another schema, one that has a name becomes a reference.
  const { properties, ...rest } = z.toJSONSchema(z.object({ schema }), {
    io: 'input',
    unrepresentable: 'any',
    metadata: registry,
  });
  const whole = { ...(properties?.schema as JsonObject), $defs: rest.$defs };
  return JSON.parse(JSON.stringify(whole).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonObject;
}
