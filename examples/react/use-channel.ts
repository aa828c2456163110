// A React hook: the newest state of each subject of a channel, and the state of the connection.
import { type ChannelState, createWebStorage, type Notification, openChannel } from '@tidings/client';
import { useEffect, useState } from 'react';

export interface FollowedChannel {
  /** The channel's state; only while it is `live`, new notifications arrive. */
  readonly state: ChannelState;
  /** Why the channel is not live, as a stable code. */
  readonly reason: string | null;
  /** The last notification of each subject. */
  readonly subjects: ReadonlyMap<string, Notification>;
}

const unknown: FollowedChannel = { state: 'connecting', reason: null, subjects: new Map() };

/** @param url the server's origin. A reload opens the same channel again. */
export function useChannel(url: string): FollowedChannel {
  const [followed, setFollowed] = useState(unknown);
  useEffect(() => {
    const channel = openChannel({ url, storage: createWebStorage(localStorage) });
    const learn = (news: readonly Notification[], known: FollowedChannel['subjects']) =>
      new Map([...known, ...news.map((one) => [one.subject, one] as const)]);
    channel.onState((state, error) =>
      setFollowed((before) => ({ ...before, state, reason: error?.code ?? null })),
    );
    channel.onSnapshot(({ durable, progress }) =>
      setFollowed((before) => ({ ...before, subjects: learn([...durable, ...progress], new Map()) })),
    );
    channel.onNotification((notification, { outdated }) => {
      if (outdated) return;
      setFollowed((before) => ({ ...before, subjects: learn([notification], before.subjects) }));
    });
    return () => channel.close();
  }, [url]);
  return followed;
}
