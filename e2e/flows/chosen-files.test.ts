/** The page refuses or takes a file when a person picks it: an import that the server would refuse cannot be started. */

import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import iconv from 'iconv-lite';
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

test.each<[string, Buffer, string]>([
  ['windows-1252, as Excel writes it', Buffer.from(excel, 'latin1'), 'Größer'],
  [
    'windows-1252 in the header alone',
    Buffer.from('E-Mail;Straße\r\na@example.org;x\r\n', 'latin1'),
    'Straße',
  ],
  [
    'windows-1251',
    iconv.encode(
      'email;Ім’я;Місто\na@example.org;Оленка Бондаренко;Київ\nb@example.org;Сергій;Харків\n',
      'win1251',
    ),
    'Оленка',
  ],
  ['UTF-16', Buffer.from(`\uFEFF${excel}`, 'utf16le'), 'Größer'],
  ['UTF-8', Buffer.from(`\uFEFF${excel}`), 'Größer'],
])('a file in %s is shown with its letters, and can be started', async (_what, bytes, shown) => {
  await pick(bytes);
  await page.getByTestId('start-import').waitFor();
  expect(await page.getByTestId('preview').innerText()).toContain(shown);
  expect(await page.getByTestId('problem').count()).toBe(0);
});

test.each<[string, string]>([
  ['of a name of one’s own', 'Kontakt-E-Mail (geschäftlich);Name\na@example.org;Ada\n'],
  ['known by its cells', 'wer,wohin\nAda,ada@example.org\n'],
  ['one of several', 'Mailbox A,Mailbox B\na@example.org,b@example.org\n'],
  ['below title lines', 'Kunden 2026,\n,\nemail,name\na@example.org,Ada\n'],
])('a file whose e-mail column is %s can be started', async (_what, content) => {
  await pick(content);
  await page.getByTestId('start-import').waitFor();
  expect(await page.getByTestId('problem').count()).toBe(0);
});

describe('a file without an e-mail column cannot be started', () => {
  test('and is shown with the names of its columns', async () => {
    await pick('name,phone\nMira,1\n');
    expect(await refusal()).toMatch(/has no e-mail column[\s\S]*“name”, “phone”[\s\S]*choose the file again/);
    expect(await page.getByTestId('preview').isVisible()).toBe(true);
  });

  test('nor one without a header', async () => {
    await pick('mira@example.org,Mira\nada@example.org,Ada\n');
    expect(await refusal()).toMatch(/seems to have no header/);
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
