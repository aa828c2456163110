import { PREVIEW_BYTES } from '@tidings/contracts/files/preview.ts';
import { describe, expect, it } from 'vitest';
import { type ChosenFile, inspectFile, withinLimit } from './chosen-file.ts';

describe('a chosen file', () => {
  it('is picked with its first bytes, whatever it is named and whatever stands in it', async () => {
    const file = new File(['email;name\r\n', 'a@example.org;Jürgen\r\n'.repeat(20_000)], 'kontakte');
    const chosen = await inspectFile(file, null);
    expect(chosen).toMatchObject({ kind: 'picked', file });
    const head = chosen.kind === 'picked' ? chosen.head : new Blob([]);
    expect(head.size).toBe(PREVIEW_BYTES);
    expect(await head.slice(0, 10).text()).toBe('email;name');
  });

  it('is picked whole where it is a workbook, which nobody reads in part', async () => {
    const begin = new TextEncoder().encode('PK\u0003\u0004 [Content_Types].xml');
    const file = new File([begin, 'x'.repeat(PREVIEW_BYTES)], 'a.xlsx');
    expect(await inspectFile(file, null)).toEqual({ kind: 'picked', file, head: file });
  });

  it.each([
    ['nothing', '', 'file_empty'],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'not_csv'],
    ['a zip archive', 'PK\u0003\u0004 photos/1.jpg', 'not_csv'],
    ['an address book', 'BEGIN:VCARD\nVERSION:3.0\n', 'not_csv'],
  ])('is refused before any server is asked where it is %s', async (_what, content, code) => {
    expect(await inspectFile(new File([content], 'a.csv'), null)).toMatchObject({
      kind: 'refused',
      problem: { code },
    });
  });

  it('is refused where it is larger than the server takes, without being read', async () => {
    const file = new File(['x'.repeat(1_000)], 'a.csv');
    file.slice = () => {
      throw new Error('read');
    };
    expect(await inspectFile(file, 999)).toMatchObject({
      kind: 'refused',
      problem: { code: 'file_too_large', detail: expect.stringContaining('Up to 999 bytes') },
    });
  });

  it('is refused as soon as the server has told its limit, where that comes later', async () => {
    const file = new File(['email\na@example.org\n'], 'a.csv');
    const chosen = await inspectFile(file, null);
    expect(withinLimit(chosen, null)).toBe(chosen);
    expect(withinLimit(chosen, file.size)).toBe(chosen);
    expect(withinLimit(chosen, file.size - 1)).toMatchObject({
      kind: 'refused',
      problem: { code: 'file_too_large' },
    });
    const none: ChosenFile = { kind: 'none' };
    expect(withinLimit(none, 1)).toBe(none);
  });

  it('is refused where it cannot be read, as a folder cannot', async () => {
    const file = new File(['x'], 'folder');
    file.slice = () => {
      throw new DOMException('gone', 'NotFoundError');
    };
    expect(await inspectFile(file, null)).toMatchObject({ kind: 'refused', problem: { code: 'unreadable' } });
  });
});
