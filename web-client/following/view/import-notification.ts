import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';

/** The state that a notification of an import carries; null for any other notification. */
export function importStateOf({ type, data }: Notification): ImportState | null {
  if (!type.startsWith('import.')) return null;
  if (typeof data !== 'object' || data === null || !('importId' in data) || !('rows' in data)) return null;
  return data as ImportState;
}
