/** Writes a JSON Schema for people: in the manner of TypeScript, with bounds behind. */
import { type Html, html } from './html.ts';
import type { JsonObject } from './schemas.ts';

/** What a schema takes, over several lines where it is an object. */
export function shapeOf(schema: JsonObject, indent = ''): Html {
  const { $ref, anyOf, oneOf, allOf, type, enum: values, items, properties, const: constant } = schema;
  if (typeof $ref === 'string') return reference($ref);
  const branches = (anyOf ?? oneOf) as readonly JsonObject[] | undefined;
  if (branches !== undefined)
    return joined(
      branches.map((branch) => shapeOf(branch, indent)),
      ' | ',
    );
  if (Array.isArray(allOf))
    return joined(
      allOf.map((part: JsonObject) => shapeOf(part, indent)),
      ' & ',
    );
  if (Array.isArray(values))
    return joined(
      values.map((value) => html`${JSON.stringify(value)}`),
      ' | ',
    );
  if (constant !== undefined) return html`${JSON.stringify(constant)}`;
  if (type === 'array') return html`${shapeOf((items ?? {}) as JsonObject, indent)}[]${bounds(schema)}`;
  if (type === 'object') return objectShape(schema, (properties ?? {}) as Record<string, JsonObject>, indent);
  return typeof type === 'string' ? html`${type}${bounds(schema)}` : html`any`;
}

function objectShape(
  { required = [], additionalProperties }: JsonObject,
  properties: Readonly<Record<string, JsonObject>>,
  indent: string,
): Html {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(
    ([name, of]) =>
      html`${inner}${name}${(required as readonly string[]).includes(name) ? '' : '?'}: ${shapeOf(of, inner)}\n`,
  );
  if (
    typeof additionalProperties === 'object' &&
    additionalProperties !== null &&
    Object.keys(additionalProperties).length > 0
  )
    lines.push(html`${inner}[name]: ${shapeOf(additionalProperties as JsonObject, inner)}\n`);
  return lines.length === 0 ? html`{}` : html`{\n${lines}${indent}}`;
}

function reference(to: string): Html {
  const name = to.slice(to.lastIndexOf('/') + 1);
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(parts: readonly Html[], separator: string): Html {
  return html`${parts.map((part, index) => (index === 0 ? part : html`${separator}${part}`))}`;
}

/** The largest integer that JSON holds exactly bounds nothing. */
const isBound = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function bounds({
  format,
  minLength,
  maxLength,
  minimum,
  maximum,
  minItems,
  maxItems,
  default: preset,
}: JsonObject): Html {
  const [from, to] = [minLength ?? minimum ?? minItems, maxLength ?? maximum ?? maxItems];
  const range = isBound(to)
    ? `${isBound(from) ? from : 0}–${to}`
    : isBound(from) && from > 0
      ? `from ${from}`
      : '';
  const notes = [
    typeof format === 'string' ? format : '',
    range,
    preset === undefined ? '' : `default ${JSON.stringify(preset)}`,
  ].filter((note) => note !== '');
  return notes.length === 0 ? html`` : html` <i>(${notes.join(', ')})</i>`;
}
