/** A client of a channel, over all faults: it keeps every durable notification, and tells what it should not have seen. */
import { type Channel, openChannel } from '@tidings/client/index.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { pause } from '@tidings/failures/retry.ts';
import { Findings } from '../findings.ts';
import type { PatientApi } from './http.ts';

/** Durable notifications that the hub keeps of a channel, at most. */
const KEPT = 256;
const LOOK_MS = 20;
/** Milliseconds in which a healthy hub opens a channel. */
const OPENS_WITHIN_MS = 30_000;

export class WatchedChannel {
  readonly findings = new Findings();
  readonly #channel: Channel;
  #durable: Notification[] = [];

  constructor(owner: string, url: string, api: PatientApi) {
    this.#channel = openChannel({ url, userToken: api.userToken(owner) });
    this.#channel.onSnapshot(({ durable }) => this.#replace(durable));
    this.#channel.onNotification((notification) => this.#add(notification), { lane: 'durable' });
  }

  ready(): ReturnType<Channel['ready']> {
    return this.#channel.ready();
  }

  /** '' before it was open for the first time. */
  get channelId(): string {
    return this.#channel.credentials?.channelId ?? '';
  }

  get credentials(): Channel['credentials'] {
    return this.#channel.credentials;
  }

  /** All of the channel, in order. */
  get durable(): readonly Notification[] {
    return this.#durable;
  }

  /** The import of this reference, once the channel is told that it is accepted; null where the signal ends the waiting. */
  async untilAccepted(reference: string, signal: AbortSignal): Promise<string | null> {
    for (;;) {
      const accepted = this.#durable.find(
        ({ type, data }) => type === 'import.accepted' && (data as ImportState).clientReference === reference,
      );
      if (accepted !== undefined) return accepted.subject;
      if (signal.aborted) return null;
      await pause(LOOK_MS, signal).catch(() => undefined);
    }
  }

  close(): void {
    this.#channel.close();
  }

  #add(notification: Notification): void {
    const last = this.#durable.at(-1)?.seq ?? 0;
    this.#durable.push(notification);
    if (notification.seq !== last + 1)
      this.findings.wrong(`${describe(notification)} has seq ${notification.seq} after ${last}`);
  }

  /** A snapshot holds all that the channel had, in the same order, under numbers without a gap. */
  #replace(durable: readonly Notification[]): void {
    const known = this.#durable;
    this.#durable = [...durable];
    for (const gap of findGaps(durable)) this.findings.wrong(gap);
    if (durable.length >= KEPT) return;
    const places = new Map(durable.map(({ eventId }, index) => [eventId, index]));
    let place = -1;
    for (const notification of known) {
      const now = places.get(notification.eventId);
      if (now === undefined)
        this.findings.lost('notifications', 1, `${describe(notification)} is not in a later snapshot`);
      else if (now < place)
        this.findings.wrong(`${describe(notification)} is at another place in a later snapshot`);
      else place = now;
    }
  }
}

/** Reads the channel with another client, which knows nothing. @returns what differs from what the first one has; null where nothing does */
export async function rereadChannel(url: string, watched: WatchedChannel): Promise<string | null> {
  const { credentials } = watched;
  if (credentials === null) return null;
  const channel = openChannel({ url, channel: credentials });
  try {
    const snapshot = new Promise<readonly Notification[]>((resolve) => {
      channel.onSnapshot(({ durable }) => resolve(durable));
    });
    const durable = await Promise.race([snapshot, pause(OPENS_WITHIN_MS).then(() => null)]);
    if (durable === null) return `channel ${credentials.channelId} does not open again`;
    const ids = (notifications: readonly Notification[]) =>
      notifications.map(({ eventId }) => eventId).join();
    if (ids(durable) === ids(watched.durable.slice(-KEPT))) return null;
    return `channel ${credentials.channelId} has ${durable.length} notifications for a new client, and other ones than for the first`;
  } finally {
    channel.close();
  }
}

/** Numbers of the history that do not follow one on the other; the first is 1, unless earlier ones are not kept any more. */
function findGaps(durable: readonly Notification[]): string[] {
  return durable.flatMap((notification, index) => {
    const first = durable.length < KEPT ? 0 : (notification.seq ?? 0) - 1;
    const before = index === 0 ? first : (durable[index - 1]?.seq ?? 0);
    return notification.seq === before + 1
      ? []
      : [`${describe(notification)} has seq ${notification.seq} after ${before}`];
  });
}

function describe({ type, subject, channelId }: Notification): string {
  return `${type} of import ${subject} on channel ${channelId}`;
}
