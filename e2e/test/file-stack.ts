/** What all tests of a file share, as `const stack = await startFileStack();` at its top. It ends with the file. */
import { type Stack, type StackOptions, startStack } from '@tidings/testing/stack/stack.ts';
import type { Browser } from 'playwright-core';
import { afterAll } from 'vitest';
import { launchBrowser } from './browser.ts';

/** All of Tidings in one process, on data of the file's own. */
export async function startFileStack(
  environment?: Readonly<Record<string, string>>,
  options?: StackOptions,
): Promise<Stack> {
  const stack = await startStack(environment, options);
  afterAll(() => stack.dispose());
  return stack;
}

/** The same, and a Chromium. */
export async function startFileStackAndBrowser(
  environment?: Readonly<Record<string, string>>,
): Promise<[stack: Stack, browser: Browser]> {
  const starts = [startStack(environment), launchBrowser()] as const;
  const end = () =>
    Promise.allSettled([
      starts[0].then((stack) => stack.dispose()),
      starts[1].then((browser) => browser.close()),
    ]);
  try {
    const started = await Promise.all(starts);
    afterAll(end);
    return started;
  } catch (error) {
    // Tests of a file that does not load have no hooks.
    await end();
    throw error;
  }
}
