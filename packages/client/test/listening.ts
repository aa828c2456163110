import { onTestFinished } from 'vitest';
import { type Channel, type KeyValueStorage, type OpenChannelOptions, openChannel } from '../index.ts';

/** Opens a channel until the test has finished. */
export function open(options: OpenChannelOptions): Channel {
  const channel = openChannel(options);
  onTestFinished(() => channel.close());
  return channel;
}

export class FakeStorage implements KeyValueStorage {
  readonly items = new Map<string, string>();
  getItem(key: string) {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.items.set(key, value);
  }
  removeItem(key: string) {
    this.items.delete(key);
  }
}

/** What a listener has received: the data of every durable notification, and the newest progress of each subject. */
export function follow(channel: Channel) {
  const known = { durable: [] as unknown[], progress: new Map<string, number | undefined>(), snapshots: 0 };
  channel.onSnapshot(({ durable, progress }) => {
    known.snapshots += 1;
    known.durable = durable.map(({ data }) => data);
    known.progress = new Map(progress.map(({ subject, version }) => [subject, version]));
  });
  channel.onNotification(({ data }) => known.durable.push(data), { lane: 'durable' });
  channel.onNotification(({ subject, version }) => known.progress.set(subject, version), {
    lane: 'progress',
  });
  return known;
}
