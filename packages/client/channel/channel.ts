/**
 * A channel, open as long as it is wanted. It reconnects by itself and continues from its position: either every durable
 * notification that was missed follows, in order, or a snapshot replaces all that was known. No gap stays unannounced.
 */
import type { ClosingNotice } from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type {
  ChannelSnapshot,
  HubDegraded,
  OpenChannelAnswer,
  OpenChannelRequest,
} from '@tidings/contracts/notifications/socket-events.ts';
import { ChannelError, closedError, unreachableError } from '../errors.ts';
import type {
  ChannelState,
  NotificationDetail,
  NotificationFilter,
  OpenChannelOptions,
} from './channel-options.ts';
import { type ChannelPosition, Delivery } from './delivery.ts';
import { HubConnection } from './hub-connection.ts';
import { Listeners, tellUnhandled, type Unsubscribe } from './listeners.ts';
import { Outcomes } from './outcomes.ts';
import type { ChannelCredentials, ChannelStorage } from './storage.ts';

type NotificationListener = (notification: Notification, detail: NotificationDetail) => void;

/** Milliseconds within which a recovered hub is asked for a channel that it refused while it was degraded. */
const RECOVERED_WITHIN_MS = 1_000;

/**
 * Opens a channel: the one given, the stored one, or a new one. Add listeners at once, before anything can arrive. A channel
 * that cannot be opened does not throw: see `ready()`, `state` and `error`.
 */
export function openChannel(options: OpenChannelOptions = {}): Channel {
  return new Channel(options);
}

export class Channel {
  readonly #options: OpenChannelOptions;
  readonly #connection: HubConnection;
  readonly #delivery: Delivery;
  readonly #notificationListeners = new Listeners<Parameters<NotificationListener>>();
  readonly #snapshotListeners = new Listeners<[snapshot: ChannelSnapshot]>();
  readonly #stateListeners = new Listeners<[state: ChannelState, error: ChannelError | null]>();
  readonly #degradedListeners = new Listeners<[degraded: HubDegraded | null]>();
  readonly #outcomes = new Outcomes();
  /** Undefined where there is none, or it has thrown. */
  #storage: ChannelStorage | undefined;
  #credentials: ChannelCredentials | null;
  #state: ChannelState = 'connecting';
  #error: ChannelError | null = null;
  #degraded: HubDegraded | null = null;
  /** The hub has recovered, but the channel that it refused before is not open yet. */
  #isRecovering = false;

  constructor(options: OpenChannelOptions) {
    this.#options = options;
    this.#storage = options.storage;
    const kept = this.#withStorage((storage) => storage.load()) ?? null;
    this.#credentials = options.channel ?? kept;
    const isSame = options.keepsPosition && kept?.channelId === this.#credentials?.channelId;
    this.#delivery = new Delivery(options.position ?? (isSame ? kept?.position : null) ?? null);
    this.#connection = new HubConnection(options, options.random ?? Math.random, {
      createRequest: () => this.#createRequest(),
      onAnswer: (answer) => this.#answered(answer),
      onNotification: (notification) => this.#receive(notification),
      onToken: (renewed) => {
        if (renewed.channelId === this.#credentials?.channelId) this.#keep(renewed);
      },
      onDegraded: (notice) => {
        this.#isRecovering = false;
        this.#setDegraded(notice);
      },
      onRecovered: () => this.#hubRecovered(),
      onDraining: () => this.#setState('draining'),
      onClosing: (notice) => this.#closing(notice),
      onLost: () => this.#lost(),
    });
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Why the channel is not open: what a hub said, or `network`; null once an opening has succeeded. */
  get error(): ChannelError | null {
    return this.#error;
  }

  /**
   * Since when and why nothing new is delivered although the hub is connected; nothing is lost by it. null when the hub has
   * recovered and the channel is live, and when the connection is lost.
   */
  get degraded(): HubDegraded | null {
    return this.#degraded;
  }

  /** The channel's id and token, for uploads and other listeners; null before the channel was first open. */
  get credentials(): ChannelCredentials | null {
    return this.#credentials;
  }

  /** Up to where all notifications have been passed on; null before the channel was first open. */
  get position(): ChannelPosition | null {
    return this.#delivery.position;
  }

  /** Resolves when the channel is live. Rejects with a `ChannelError` when the channel is closed instead. */
  ready(): Promise<ChannelCredentials> {
    return this.#until(() => (this.#state === 'live' ? this.#credentials : null));
  }

  /**
   * Each durable notification is passed on once, in order; of progress only what is newer than all before. `eventId` is the
   * same however often an event is delivered; `correlationId` and `causationId` tell what led to it.
   */
  onNotification(listener: NotificationListener, filter: NotificationFilter = {}): Unsubscribe {
    return this.#notificationListeners.add((notification, detail) => {
      const { lane, subject } = notification;
      if ((filter.lane ?? lane) === lane && (filter.subject ?? subject) === subject)
        listener(notification, detail);
    });
  }

  /**
   * The snapshot replaces all that the listener knows of the channel. It comes first, and whenever the channel could not be
   * continued from its position.
   */
  onSnapshot(listener: (snapshot: ChannelSnapshot) => void): Unsubscribe {
    return this.#snapshotListeners.add(listener);
  }

  /** Called when the state has changed, with the reason where it is not `live`. */
  onState(listener: (state: ChannelState, error: ChannelError | null) => void): Unsubscribe {
    return this.#stateListeners.add(listener);
  }

  /** Called when `degraded` has changed. */
  onDegraded(listener: (degraded: HubDegraded | null) => void): Unsubscribe {
    return this.#degradedListeners.add(listener);
  }

  /**
   * Resolves with the newest durable notification that ends the subject (`final`), as soon as there is one. One that this object has received before
   * counts too, unless a hundred other subjects have ended since.
   *
   * @throws ChannelError where the channel is closed, or `signal` is aborted (`aborted`)
   */
  outcome(subject: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Notification> {
    return this.#until(() => this.#outcomes.find(subject), signal);
  }

  /** Ends the channel's use here. The stored credentials stay for the next time. */
  close(): void {
    this.#close(null);
  }

  /** Resolves with what `find` finds, once it does. Rejects where the channel is closed before, or the signal is aborted. */
  #until<Found>(find: () => Found | null | undefined, signal?: AbortSignal): Promise<Found> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        const found = find();
        if (found) resolve(found);
        else if (signal?.aborted) reject(closedError());
        else if (this.#state === 'closed') reject(this.#error ?? closedError());
        else return;
        for (const unsubscribe of unsubscribes) unsubscribe();
        signal?.removeEventListener('abort', settle);
      };
      const unsubscribes = [this.onSnapshot(settle), this.onNotification(settle), this.onState(settle)];
      signal?.addEventListener('abort', settle);
      settle();
    });
  }

  async #createRequest(): Promise<OpenChannelRequest> {
    const { userToken, fetchUserToken } = this.#options;
    if (this.#credentials === null)
      return {
        userToken: fetchUserToken ? await (async () => fetchUserToken())().catch(() => userToken) : userToken,
      };
    const { channelId, token } = this.#credentials;
    return { channelId, token, ...this.position };
  }

  #answered(answer: OpenChannelAnswer): void {
    if ('error' in answer) return void this.#refused(answer.error);
    this.#error = null;
    this.#connection.succeeded();
    this.#keep(answer);
    const snapshot = this.#delivery.open(answer);
    this.#setState('live');
    if (this.#isRecovering) this.#setDegraded(null);
    this.#isRecovering = false;
    if (snapshot !== null) {
      for (const notification of snapshot.durable) this.#outcomes.remember(notification);
      if (this.#snapshotListeners.call(snapshot)) this.#keepPosition();
    } else for (const notification of answer.snapshot.progress) this.#receive(notification);
  }

  #refused({ code, message, retriable }: Pick<ChannelError, 'code' | 'message' | 'retriable'>): void {
    const error = new ChannelError(code, message, retriable);
    this.#error = error;
    // Whoever fetches user tokens has a newer one by then.
    const isRenewable = code === 'token_expired' && this.#options.fetchUserToken && !this.#credentials;
    if (retriable || isRenewable) {
      if (this.#state === 'live') this.#setState('reconnecting');
      this.#connection.openLater();
    } else {
      if (this.#options.channel === undefined) this.#withStorage((storage) => storage.clear());
      this.#close(error);
    }
  }

  #receive(notification: Notification): void {
    if (this.#state === 'closed' || notification.channelId !== this.#credentials?.channelId) return;
    const verdict = this.#delivery.receive(notification);
    if (verdict === 'gap') void this.#connection.open();
    else if (verdict !== 'repeated') {
      this.#outcomes.remember(notification);
      const haveReturned = this.#notificationListeners.call(notification, {
        outdated: verdict === 'outdated',
      });
      if (haveReturned && notification.lane === 'durable') this.#keepPosition();
    }
  }

  #closing({ code, message, retriable }: ClosingNotice): void {
    if (retriable) this.#error = new ChannelError(code, message, retriable);
    else this.#refused({ code: code === 'token_expired' ? code : 'token_invalid', message, retriable });
  }

  #hubRecovered(): void {
    if (this.#state === 'live') return void this.#setDegraded(null);
    this.#isRecovering = true;
    // The outage is over, but the pause has grown during it.
    this.#connection.openWithin(RECOVERED_WITHIN_MS);
  }

  #lost(): void {
    this.#isRecovering = false;
    this.#setDegraded(null);
    this.#error ??= unreachableError();
    if (this.#state === 'live') this.#setState('reconnecting');
  }

  #keep({ channelId, token }: ChannelCredentials): void {
    this.#credentials = { channelId, token };
    this.#save();
  }

  #keepPosition(): void {
    if (this.#options.keepsPosition) this.#save();
  }

  #save(): void {
    const credentials = this.#credentials;
    const position = (this.#options.keepsPosition && this.position) || undefined;
    if (credentials) this.#withStorage((storage) => storage.save({ ...credentials, position }));
  }

  /** A storage that throws is used no more: the channel goes on without one. */
  #withStorage<Result>(use: (storage: ChannelStorage) => Result): Result | undefined {
    try {
      return this.#storage && use(this.#storage);
    } catch (error) {
      this.#storage = undefined;
      tellUnhandled(error);
      return undefined;
    }
  }

  #setDegraded(degraded: HubDegraded | null): void {
    if (this.#degraded === degraded) return;
    this.#degraded = degraded;
    this.#degradedListeners.call(degraded);
  }

  #setState(state: ChannelState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#stateListeners.call(state, this.#error);
  }

  #close(error: ChannelError | null): void {
    this.#error = error;
    this.#setState('closed');
    this.#connection.close();
    this.#setDegraded(null);
  }
}
