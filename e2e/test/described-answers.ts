/** Compares real answers with what docs/openapi.json says of them: status, type, and every field. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

type Json = { readonly [name: string]: unknown };
interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Json }>> }>
  >;
}

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as {
  readonly components: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

export class DescribedAnswers {
  readonly #ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();
  /** Operations of which an answer that is no problem was compared, as `get /imports/{importId}`. */
  readonly succeeded = new Set<string>();

  /** Every operation of the document. */
  get operations(): string[] {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  }

  /**
   * @returns the body, as JSON where it is that
   * @throws Error where the answer is not as described
   */
  async compare(method: string, path: string, response: Response): Promise<unknown> {
    const operation = document.paths[path]?.[method];
    if (operation === undefined) throw new Error(`${method} ${path} is not described`);
    const name = `${method} ${path} ${response.status}`;
    const described = operation.responses[String(response.status)];
    if (described === undefined) throw new Error(`${name} is not described: ${await response.text()}`);
    if (response.status < 400) this.succeeded.add(`${method} ${path}`);
    const text = await response.text();
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
    if (described.content === undefined) {
      if (text !== '') throw new Error(`${name} has a body that is not described: ${text}`);
      return undefined;
    }
    if ('*/*' in described.content) return text;
    if (described.content[type] === undefined) throw new Error(`${name} has another type: ${type}`);
    if (!/[/+]json$/.test(type)) return text;
    const body: unknown = JSON.parse(text);
    const validate = this.#validatorOf(`${name} ${type}`, described.content[type].schema);
    if (!validate(body)) throw new Error(`${name}: ${this.#ajv.errorsText(validate.errors)}\n${text}`);
    return body;
  }

  #validatorOf(name: string, schema: Json): ValidateFunction {
    const known = this.#validators.get(name);
    if (known !== undefined) return known;
    // References of the document go to its components: they stand in the schema at the same place.
    const validate = this.#ajv.compile({
      ...(closed(schema) as Json),
      components: closed(document.components),
    });
    this.#validators.set(name, validate);
    return validate;
  }
}

/** Clients must bear fields that they do not know; here, a field that is not described is a fault of the description. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, of]) => [name, closed(of)] as const);
  const isClosable = 'properties' in value && !('additionalProperties' in value);
  return Object.fromEntries([...entries, ...(isClosable ? [['additionalProperties', false] as const] : [])]);
}
