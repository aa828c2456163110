/** Why an address is not taken. The service says it in English and names the field alone, so the page looks at the address itself. */
import { ProblemError } from '@tidings/client/index.ts';
import type { ownWebhookWords } from '../words/support-words.ts';

export type AddressFault = keyof typeof ownWebhookWords.faults;

/** What can be seen before it is sent. */
export function faultBefore(address: string): AddressFault | null {
  if (address === '') return 'missing';
  return URL.canParse(address) ? null : 'no_address';
}

/** @returns null where what went wrong is not the address */
export function faultAfter(address: string, error: unknown): AddressFault | null {
  if (!(error instanceof ProblemError) || error.field !== 'url') return null;
  if (!URL.canParse(address)) return 'no_address';
  const { protocol, username, password } = new URL(address);
  if (username !== '' || password !== '') return 'credentials';
  return protocol === 'https:' ? 'not_public' : 'not_https';
}
