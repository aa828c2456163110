/** Notes on cells: their texts, and the shapes that Excel shows them in. */
import { columnName, encodeCellText } from './cell-text.ts';

/** Notes of a sheet, at most: with more of them spreadsheets open a file slowly. */
export const MAX_NOTES = 10_000;

export interface Note {
  /** From 0. */
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/** Shapes that have numbers after the same multiple of this many. */
const SHAPES_OF_A_BLOCK = 1024;
const AUTHOR = 'Tidings';

export function* notesXml(notes: readonly Note[]): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  yield '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
  yield `<authors><author>${AUTHOR}</author></authors><commentList>`;
  for (const { row, column, text } of notes)
    yield `<comment ref="${columnName(column)}${row + 1}" authorId="0"><text><t xml:space="preserve">${encodeCellText(text)}</t></text></comment>`;
  yield '</commentList></comments>';
}

export function* shapesXml(notes: readonly Note[]): Generator<string> {
  const blocks = Array.from(
    { length: Math.ceil((notes.length + 1) / SHAPES_OF_A_BLOCK) },
    (_, block) => block + 1,
  );
  yield '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">';
  yield `<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="${blocks.join(',')}"/></o:shapelayout>`;
  yield '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>';
  for (const [index, note] of notes.entries()) yield shapeXml(SHAPES_OF_A_BLOCK + index + 1, note);
  yield '</xml>';
}

function shapeXml(number: number, { row, column }: Note): string {
  // From column, from row, to column and to row, each with an offset behind it.
  const anchor = [column + 1, 15, Math.max(0, row - 1), 10, column + 4, 15, row + 3, 4].join(', ');
  return (
    `<v:shape id="_x0000_s${number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">` +
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>' +
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note">' +
    `<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>${anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>` +
    `<x:Row>${row}</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
  );
}
