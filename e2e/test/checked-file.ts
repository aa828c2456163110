/** What flows do with the check of a file: pick it, and read what the page says of it. */
import type { Page } from 'playwright-core';

export async function pickFile(
  page: Page,
  content: string | Uint8Array,
  name = 'contacts.csv',
): Promise<void> {
  const buffer = Buffer.from(content as string);
  await page.getByTestId('file-input').first().setInputFiles({ name, mimeType: 'text/csv', buffer });
}

/** Picks it, and waits until the page shows how it is read. */
export async function checkFile(page: Page, content: string | Uint8Array, name?: string): Promise<void> {
  await pickFile(page, content, name);
  await untilRead(page);
}

export async function untilRead(page: Page): Promise<void> {
  await page.locator('.check[aria-busy="false"] [data-testid="preview"]').waitFor();
}

/** What each column becomes and what is said of that, as `E-Mail: E-mail, Recognised`. */
export async function columnsOf(page: Page): Promise<string[]> {
  return page.getByTestId('column').evaluateAll((lines) =>
    lines.map((line) => {
      const select = line.querySelector('select');
      const name = line.querySelector('label')?.textContent ?? '';
      const target = select?.selectedOptions[0]?.textContent ?? '';
      return `${name}: ${target}, ${line.querySelector('.badge')?.textContent ?? ''}`;
    }),
  );
}

/** The choice in one of the lists above the columns. */
export async function readAs(page: Page, testId: string): Promise<string> {
  return page.getByTestId(testId).inputValue();
}

export async function verdictOf(page: Page): Promise<string> {
  return (await page.getByTestId('verdict').innerText()).replace(/\s+/g, ' ');
}
