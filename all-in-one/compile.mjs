// Compiles the program of `npm start`. Plain JavaScript, because nothing is compiled before it runs.
import { compile } from '@tidings/service-kit/build-services.mjs';

/** @returns {Promise<string>} the address of the program's main module */
export async function compileAllInOne() {
  // The main module finds the thread's beside itself.
  await compile({ tidings: 'all-in-one/main.ts', 'contacts-thread': 'all-in-one/contacts-thread.ts' });
  return new URL('../dist/tidings.mjs', import.meta.url).href;
}
