/** For tests of settings: the mistakes that a reader of settings finds. */
import { ConfigError } from '@tidings/service-kit/config/config.ts';

/** The mistakes in the settings, a line each. Throws every other error. */
export function mistakesIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}
