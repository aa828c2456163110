/** Makes notifications of an import: its state, for its own channel and for support's. */
import type { FoldedImport } from '../../imports/folded-import.ts';
import type { ImportNotificationType } from '../../imports/import-notification.ts';
import { SUPPORT_CHANNEL } from '../../notifications/notification.ts';
import { createEvent, encodeEvent } from '../event.ts';

export interface ImportNotification {
  readonly type: ImportNotificationType;
  /** The state, with what this type adds. */
  readonly data: object;
  readonly final: boolean;
}

/** A record's key and value for each channel; to support it tells whose the import is. */
export function importNotifications(
  { owner, cause, state }: Pick<FoldedImport, 'owner' | 'cause' | 'state'>,
  channels: readonly string[],
  { type, data, final }: ImportNotification,
): { readonly key: string; readonly value: Uint8Array }[] {
  const event = createEvent({
    ...{ type, subject: state.importId, data, version: state.version },
    ...{ owner, cause, ...(final ? { final } : {}) },
  });
  return channels.map((key) => {
    const told = key === SUPPORT_CHANNEL ? { ...event, data: { ...data, owner } } : event;
    return { key, value: encodeEvent(told) };
  });
}
