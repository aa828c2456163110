import { describe, expect, it } from 'vitest';
import { type ChosenFile, inspectFile, PREVIEW_ROWS, withinLimit } from './chosen-file.ts';

const encode = (text: string) => new TextEncoder().encode(text);

describe('a chosen file', () => {
  it('shows its first rows as the import will read them', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => `p${index}@example.org;"Byron; Ada"`);
    const chosen = await inspectFile(new File([`\uFEFFemail;name\r\n${rows.join('\n')}`], 'a.csv'), null);
    expect(chosen).toMatchObject({
      kind: 'ready',
      preview: { delimiter: ';', header: ['email', 'name'] },
    });
    const shown = chosen.kind === 'ready' ? chosen.preview.rows : [];
    expect(shown).toHaveLength(PREVIEW_ROWS);
    expect(shown[0]).toEqual(['p0@example.org', 'Byron; Ada']);
  });

  it('is shown with the reason where no column is recognised as that of the addresses', async () => {
    const chosen = await inspectFile(new File(['Name,Mailbox\nMira,mira at home\n'], 'a.csv'), null);
    expect(chosen).toMatchObject({
      kind: 'unfit',
      preview: { header: ['Name', 'Mailbox'] },
      problem: { code: 'no_email_column', detail: expect.stringContaining('It seems to be “Mailbox”') },
    });
  });

  it.each([
    ['\n\nName;Phone\nAda;1\n', false],
    ['\n\nName;E-Mail', true],
  ])('has its header where its first line with anything stands: %j', async (content, fit) => {
    expect((await inspectFile(new File([content], 'a.csv'), null)).kind).toBe(fit ? 'ready' : 'unfit');
  });

  it.each([
    ['nothing', '', 'file_empty'],
    ['of more columns than an import may have', `email${',x'.repeat(1_000)}\n`, 'header_too_long'],
    ['a header with an open quote', 'email,"name\na@b.c,x\n', 'not_csv'],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), 'not_csv'],
    [
      'of an encoding that is not certain',
      new Uint8Array([...encode('email;name\na@b.test;No'), 0xe8]),
      'encoding_uncertain',
    ],
    ['without letters of its header', 'email;n\uFFFDme\na@b.c;Jrgen\n', 'replacement_character'],
  ])('is refused before it is sent where it is %s', async (_what, content, code) => {
    const chosen = await inspectFile(new File([content], 'a.csv'), null);
    expect(chosen).toMatchObject({ kind: 'refused', problem: { code } });
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
    expect(chosen.kind).toBe('ready');
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
