import { createSupportApi } from '@tidings/client/support.ts';
import type { ServicesView } from '@tidings/contracts/services/services.ts';
import { useCallback } from 'preact/hooks';
import { type Repeated, useRepeated } from '../use-repeated.ts';
import { clockShift } from './troubles.ts';

export interface KnownServices {
  readonly view: ServicesView;
  /** What is added to the server's times for this clock, in milliseconds. */
  readonly shift: number;
  /** When the server told it, milliseconds since 1970 by this clock. */
  readonly readAt: number;
}

/** How services fare, as the server tells every few seconds. */
export function useServices(token: string): Repeated<KnownServices> {
  const read = useCallback(async (): Promise<KnownServices> => {
    const view = await createSupportApi({ token: () => token }).getServices();
    const readAt = Date.now();
    return { view, shift: clockShift(view, readAt), readAt };
  }, [token]);
  return useRepeated(read);
}
