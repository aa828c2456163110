/** What a file may hold, as the server says. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { fetchLimits } from '@tidings/client/index.ts';
import type { UploadLimits } from '@tidings/contracts/files/upload.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';

export interface UploadLimitsReader {
  /** null before the server has answered. */
  readonly limits: ReadonlySignal<UploadLimits | null>;
  /** Asks the server, unless the limits are known or asked for already. Never rejects: the limits then stay unknown. */
  ask(): Promise<void>;
}

export function createUploadLimits({ apiUrl }: Pick<ServicesAddress, 'apiUrl'> = {}): UploadLimitsReader {
  const limits = signal<UploadLimits | null>(null);
  let asking: Promise<void> | null = null;
  const fetchOnce = async (): Promise<void> => {
    try {
      limits.value = (await fetchLimits({ baseUrl: apiUrl })).upload;
    } catch {
      // Without limits the server alone refuses large files. The page asks again when its start is next shown.
      asking = null;
    }
  };
  return {
    limits,
    ask: () => {
      asking ??= fetchOnce();
      return asking;
    },
  };
}
