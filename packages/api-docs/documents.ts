/** The two documents as files. */
import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';

export function documents(): Record<'openapi.json' | 'asyncapi.json', string> {
  return { 'openapi.json': textOf(openApiDocument()), 'asyncapi.json': textOf(asyncApiDocument()) };
}

function textOf(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
