/** The page refuses or takes a file when a person picks it: an import that the server would refuse cannot be started. */

import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../test/browser.ts';

let stack: Stack;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});
afterAll(async () => {
  await Promise.allSettled([stack?.dispose(), browser?.close()]);
});
beforeEach(async () => {
  const context = await browser.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('request', (request) => {
    if (request.method() === 'POST') throw new Error(`${request.url()} was sent something`);
  });
  await page.goto(stack.url);
  return () => context.close();
});

function pick(content: string | Buffer, name = 'contacts.csv'): Promise<void> {
  const buffer = Buffer.from(content as string);
  return page.getByTestId('file-input').setInputFiles({ name, mimeType: 'text/csv', buffer });
}

/** What the page says of a file that it refuses. */
async function refusal(): Promise<string> {
  await page.getByTestId('problem').waitFor();
  expect(await page.getByTestId('problem').getAttribute('role')).toBe('alert');
  expect(await page.getByTestId('start-import').count()).toBe(0);
  expect(await page.locator('main').innerText()).not.toContain('map one');
  return page.getByTestId('problem').innerText();
}

const excel = 'E-Mail;Vorname;Nachname\r\njuergen@example.org;Jürgen;Größer\r\n';

describe('text that is no UTF-8 is refused, with what to do', () => {
  test.each<[string, Buffer]>([
    ['windows-1252, as Excel writes it', Buffer.from(excel, 'latin1')],
    ['windows-1252 in the header alone', Buffer.from('E-Mail;Straße\r\na@example.org;x\r\n', 'latin1')],
    [
      'windows-1251',
      Buffer.from([...Buffer.from('email,name\na@example.org,'), 0xce, 0xeb, 0xe5, 0xed, 0xe0]),
    ],
    ['UTF-16', Buffer.from(`\uFEFF${excel}`, 'utf16le')],
    [
      'the first letter beyond ASCII at the end of a long sample',
      Buffer.concat([
        Buffer.from(`email,name\n${'a@example.org,Ada\n'.repeat(3_000)}`),
        Buffer.from('b@example.org,Größer\n', 'latin1'),
      ]),
    ],
  ])('%s', async (_what, bytes) => {
    await pick(bytes);
    const said = await refusal();
    expect(said).toMatch(/UTF-8/);
    expect(said).toMatch(/Save it/);
    expect(await page.locator('main').innerText()).not.toContain('\uFFFD');
  });

  test('the same file saved as UTF-8 is shown with its letters, and can be started', async () => {
    await pick(Buffer.from(excel, 'latin1'));
    await refusal();
    await pick(`\uFEFF${excel}`);
    await page.getByTestId('start-import').waitFor();
    expect(await page.getByTestId('preview').innerText()).toContain('Größer');
    expect(await page.getByTestId('problem').count()).toBe(0);
  });
});

test('a file whose letters an earlier program has lost is refused for that reason', async () => {
  await pick('email,name\na@example.org,J\uFFFDrgen\n');
  const said = await refusal();
  expect(said).toMatch(/lost/);
  expect(said).toMatch(/line 2/i);
  expect(said).toMatch(/again/);
});

describe('a file without a recognised e-mail column is shown with the reason, and cannot be started', () => {
  test.each<[string, string, RegExp]>([
    [
      'a name of one’s own',
      'Kontakt-E-Mail (geschäftlich);Name\na@example.org;Ada\n',
      /“Kontakt-E-Mail \(geschäftlich\)”/,
    ],
    ['known by its cells', 'wer,wohin\nAda,ada@example.org\n', /It seems to be “wohin”/],
    ['several', 'Mailbox A,Mailbox B\na@example.org,b@example.org\n', /“Mailbox A”, “Mailbox B”/],
    ['none at all', 'name,phone\nMira,1\n', /has no e-mail column[\s\S]*“name”, “phone”/],
    ['no header', 'mira@example.org,Mira\nada@example.org,Ada\n', /has no header row/],
    [
      'title lines',
      'Kunden 2026,\n,\nemail,name\na@example.org,Ada\n',
      /not the header[\s\S]*“email”, “name”/,
    ],
  ])('%s', async (_what, content, said) => {
    await pick(content);
    expect(await refusal()).toMatch(said);
    expect(await page.getByTestId('problem').innerText()).toMatch(/choose the file again/);
    expect(await page.getByTestId('preview').isVisible()).toBe(true);
  });

  test('the next file is chosen from there, by keyboard too', async () => {
    await pick('name,phone\nMira,1\n');
    await refusal();
    await eventually(async () =>
      expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('file'),
    );
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
    await chooser.setFiles({
      name: 'mended.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('name,email\nMira,mira@example.org\n'),
    });
    await page.getByTestId('start-import').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe(
      'start-import',
    );
    expect(await page.getByTestId('preview').innerText()).toContain('mended.csv');
  });
});
