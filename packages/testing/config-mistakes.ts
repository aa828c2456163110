/** For tests of settings. */
import { ConfigError } from '@tidings/service-kit/config/config.ts';

/** What is wrong with the settings that are read, a line each. Throws what is no mistake in the settings. */
export function mistakesIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}
