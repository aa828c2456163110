/** What may happen between joining, reading the history and writing what it holds: in any order, nothing is lost, doubled or out of order. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Continuity } from '../cluster/continuity.ts';
import type { ChannelHistory, HistoryPosition, OpenedHistory } from '../history/channel-history.ts';
import { MemoryHistory } from '../history/memory-history.ts';
import { defaultHubLimits } from '../limits.ts';
import { createHubMetrics } from '../metrics.ts';
import { FakeSocket, range } from '../test/fake-socket.ts';
import { ChannelSubscription } from './channel-subscription.ts';
import { ChannelListeners } from './listeners.ts';
import type { BrowserSocket } from './socket-types.ts';
import { SocketWriter } from './to-browser.ts';

/** `append` and `emit` are two steps: between them other hubs read. An emit may be lost, or come again. */
const steps = [
  'append',
  'emit',
  'emit all',
  'lose',
  'repeat',
  'open',
  'read',
  'answer',
  'drain',
  'cut',
] as const;
type Step = (typeof steps)[number];

const padding = 'x'.repeat(8_000);
/** Eight notifications: a client that does not read falls behind soon. */
const limits = { ...defaultHubLimits, backlogBytes: 8 * padding.length, backlogPackets: 40 };

/** A history whose reads take two steps: one at which the history is as it is, and one at which the answer arrives. */
class SteppedHistory {
  readonly #history: MemoryHistory;
  readonly asked: (() => Promise<void>)[] = [];
  readonly answers: (() => void)[] = [];
  appended: Notification[] = [];
  readonly port: ChannelHistory;

  constructor(durablePerChannel: number) {
    this.#history = new MemoryHistory({ limits: { durablePerChannel } });
    this.port = {
      append: (...all) => this.#history.append(...all),
      setProgress: (...all) => this.#history.setProgress(...all),
      positionsOf: (channelIds) => this.#history.positionsOf(channelIds),
      begin: (channelId) => this.#history.begin(channelId),
      open: (channelId, known) =>
        new Promise((resolve) => {
          this.asked.push(async () => {
            const opened = await this.#history.open(channelId, known);
            this.answers.push(() => resolve(opened));
          });
        }),
    };
  }

  async append(): Promise<void> {
    const data = { number: this.appended.length + 1, padding };
    const position = { topic: 'notifications', incarnation: 'i', partition: 0, offset: data.number };
    const recorded = {
      event: createEvent({ type: 'job.changed', subject: 'job', data }),
      recordedAt: Date.now(),
    };
    const appended = await this.#history.append('c', position, { ...recorded, bytes: padding.length });
    if (appended !== null) this.appended.push(appended.notification);
  }
}

/** One client, over any number of connections to one hub. */
class Run {
  readonly history: SteppedHistory;
  readonly #listeners = new ChannelListeners();
  readonly #metrics = createHubMetrics(new Registry());
  readonly #continuity: Continuity;
  #connection: { socket: FakeSocket; subscription: ChannelSubscription; writer: SocketWriter } | null = null;
  #emitted = 0;
  #hasLost = false;
  /** What the client knows, and what it has seen that must not be. */
  readonly #numbers: number[] = [];
  #taken = 0;
  position: HistoryPosition | null = null;
  readonly faults: string[] = [];

  constructor(durablePerChannel: number) {
    this.history = new SteppedHistory(durablePerChannel);
    const parts = { metrics: this.#metrics, logger: silentLogger };
    this.#continuity = new Continuity({ ...parts, history: this.history.port });
  }

  get numbers(): readonly number[] {
    return this.#numbers;
  }

  async step(step: Step): Promise<void> {
    const { appended, asked, answers } = this.history;
    if (step === 'append') await this.history.append();
    else if (step === 'emit') this.#emit(appended.slice(this.#emitted, this.#emitted + 1));
    else if (step === 'emit all') this.#emit(appended.slice(this.#emitted));
    else if (step === 'lose') this.#lose();
    else if (step === 'repeat') this.#send(appended.slice(Math.max(0, this.#emitted - 2), this.#emitted));
    else if (step === 'open') this.#open();
    else if (step === 'read') await asked.shift()?.();
    else if (step === 'answer') answers.shift()?.();
    else if (step === 'drain') this.#connection?.socket.read();
    else this.#end();
    await new Promise((resolve) => setImmediate(resolve));
    this.#take();
    if (this.#connection?.writer.isClosed) this.#end();
  }

  /** Everything that waits comes. Only where an emit was lost, the hub compares what it has sent with what there is. */
  async settle(): Promise<void> {
    const { appended, asked, answers } = this.history;
    while (this.#emitted < appended.length) await this.step('emit');
    const wanted = appended.length;
    for (let round = 0; round < 500; round += 1) {
      if (this.#connection === null) await this.step('open');
      while (asked.length + answers.length > 0)
        for (const step of ['read', 'answer'] as const) await this.step(step);
      await this.step('drain');
      if (this.#numbers.at(-1) === wanted || wanted === 0) return;
      const subscription = this.#connection?.subscription;
      if (this.#hasLost && subscription !== undefined && !subscription.reportGapLater())
        void this.#continuity.catchUp(subscription);
      await this.step('drain');
    }
  }

  #emit(notifications: readonly Notification[]): void {
    this.#emitted += notifications.length;
    this.#send(notifications);
  }

  #lose(): void {
    if (this.#emitted === this.history.appended.length) return;
    this.#emitted += 1;
    this.#hasLost = true;
  }

  #send(notifications: readonly Notification[]): void {
    this.#listeners.send(notifications);
    // The hub waits for slow clients only for a moment.
    this.#connection?.subscription.dropBuffer();
  }

  /** As `channel:open` does it: joined first, read then. */
  #open(): void {
    if (this.#connection !== null) return;
    const socket = new FakeSocket();
    const writer = new SocketWriter(socket as unknown as BrowserSocket, limits, this.#metrics, silentLogger);
    const subscription = new ChannelSubscription(
      'c',
      writer,
      null,
      (one) => void this.#continuity.catchUp(one),
    );
    this.#listeners.add(subscription);
    this.#connection = { socket, subscription, writer };
    this.#taken = 0;
    void this.history.port.open('c', this.position).then((opened) => {
      if (this.#connection?.subscription !== subscription) return;
      subscription.complete(() => this.#receiveAnswer(opened), opened);
    });
  }

  #receiveAnswer(opened: OpenedHistory): void {
    if (!opened.recovered) this.#numbers.length = 0;
    const missed = opened.recovered ? opened.durable.length : 0;
    this.position = { epoch: opened.epoch, seq: opened.seq - missed };
    if (!opened.recovered) for (const one of opened.durable) this.#receive(one);
  }

  /** The client takes what was written to it. */
  #take(): void {
    const written = this.#connection?.socket.written ?? [];
    for (const notification of written.slice(this.#taken)) this.#receive(notification);
    this.#taken = written.length;
  }

  #receive({ data, epoch, seq = 0 }: Notification): void {
    const { number } = data as { number: number };
    const last = this.#numbers.at(-1);
    if (last !== undefined && number !== last + 1) this.faults.push(`${number} after ${last}`);
    this.#numbers.push(number);
    this.position = { epoch, seq };
  }

  #end(): void {
    if (this.#connection === null) return;
    const { subscription } = this.#connection;
    this.#take();
    subscription.close();
    this.#listeners.remove(subscription);
    this.#connection = null;
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] }));
afterEach(() => void vi.useRealTimers());

const schedule = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Step>('append', 'emit', 'open', 'read', 'answer') },
    { weight: 1, arbitrary: fc.constantFrom(...steps) },
  ),
  { minLength: 20, maxLength: 120 },
);

test('a client that opens a channel while it is written to gets each notification once, in order, from the beginning', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (all) => {
      const run = new Run(256);
      await run.step('open');
      for (const step of all) await run.step(step);
      await run.settle();
      expect(run.faults).toEqual([]);
      expect(run.numbers).toEqual(range(1, run.history.appended.length));
    }),
    { numRuns: 300 },
  );
});

test('where the history keeps less than a client has missed, a snapshot of all that is kept replaces what it knows', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.integer({ min: 1, max: 12 }), async (all, kept) => {
      const run = new Run(kept);
      for (const step of all) await run.step(step);
      await run.settle();
      const newest = run.history.appended.length;
      expect(run.faults).toEqual([]);
      expect(run.numbers.length).toBeGreaterThanOrEqual(Math.min(newest, kept));
      expect(run.numbers).toEqual(range(newest - run.numbers.length + 1, newest));
    }),
    { numRuns: 300 },
  );
});
