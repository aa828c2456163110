/** One suite for every channel history: what the port's comment promises, but for the limits over all channels. */

import { createEvent } from '@tidings/contracts/schemas/event.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelHistory, HistoryLimits } from '../history/channel-history.ts';

export interface RecordedFields {
  subject?: string;
  version?: number;
  final?: boolean;
  bytes?: number;
  at?: number;
}

export function recorded({ subject = 'job', bytes = 100, at = 0, ...rest }: RecordedFields = {}) {
  return { event: createEvent({ type: 'job.changed', subject, data: {}, ...rest }), recordedAt: at, bytes };
}

export function at(offset: number, partition = 0, incarnation = 'first') {
  return { topic: 'notifications', incarnation, partition, offset };
}

export interface HistoryUnderTest {
  readonly history: ChannelHistory;
  /** The history's clock, which the test sets. */
  readonly clock: { now: number };
}

/** @param create an empty history; called for each test, and for each run of a property */
export function describeHistory(
  name: string,
  create: (limits?: Partial<HistoryLimits>) => HistoryUnderTest,
): void {
  describe(name, () => {
    describeDurable(create);
    describeProgress(create);
  });
}

function describeDurable(create: (limits?: Partial<HistoryLimits>) => HistoryUnderTest): void {
  describe('durable notifications', () => {
    test('a record delivered again keeps its number for as long as it is kept', async () => {
      const { history } = create({ durablePerChannel: 2 });
      const again = recorded();
      const first = await history.append('c', at(5), again);
      await history.append('c', at(8), recorded());
      expect(await history.append('c', at(5), again)).toEqual({ ...first, added: false });
      await history.append('c', at(9), recorded());
      expect(await history.append('c', at(5), recorded())).toBeNull();
      expect(await history.append('c', at(5, 0, 'second'), recorded())).toMatchObject({ added: true });
      expect(await history.append('c', at(5, 1), recorded())).toMatchObject({ notification: { seq: 5 } });
    });

    test('for any appends, repetitions and positions, an opening returns exactly what is missing, or says that it cannot', async () => {
      const step = fc.oneof(
        fc.record({ kind: fc.constant('append' as const), channel: fc.nat(2) }),
        fc.record({ kind: fc.constant('repeat' as const), channel: fc.nat(2), back: fc.nat(8) }),
        fc.record({
          kind: fc.constant('open' as const),
          channel: fc.nat(2),
          seq: fc.nat(20),
          known: fc.boolean(),
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
          const { history } = create({ durablePerChannel: 5 });
          const offsets: number[][] = [[], [], []];
          for (const [number, one] of steps.entries()) {
            const channelId = `channel-${one.channel}`;
            const written = offsets[one.channel] ?? [];
            if (one.kind === 'append') {
              written.push(number);
              const appended = await history.append(channelId, at(number), recorded());
              expect(appended).toMatchObject({ added: true, notification: { seq: written.length } });
            } else if (one.kind === 'repeat') {
              const index = written.length - 1 - one.back;
              const offset = written[index];
              if (offset === undefined) continue;
              const appended = await history.append(channelId, at(offset), recorded());
              if (one.back >= 5) expect(appended).toBeNull();
              else expect(appended).toMatchObject({ added: false, notification: { seq: index + 1 } });
            } else {
              const { epoch } = await history.open(channelId, null);
              const position = { epoch: one.known ? epoch : 'another', seq: one.seq };
              const opened = await history.open(channelId, position);
              const oldest = Math.max(0, written.length - 5);
              const recovered = one.known && one.seq <= written.length && one.seq >= oldest;
              const from = recovered ? one.seq : oldest;
              const expected = Array.from({ length: written.length - from }, (_, index) => from + index + 1);
              expect(opened).toMatchObject({ epoch, seq: written.length, recovered });
              expect(opened.durable.map(({ seq }) => seq)).toEqual(expected);
            }
          }
        }),
      );
    });

    test('channels that begin at once stand at their beginning; one that is there already is opened as it is', async () => {
      const { history } = create();
      const told = await history.append('told', at(1), recorded());
      const names = ['told', ...Array.from({ length: 150 }, (_, number) => `new-${number}`)];
      const begun = await Promise.all(names.map((name) => history.begin(name)));
      const [known, ...others] = begun;
      expect(known).toMatchObject({ epoch: told?.notification.epoch, seq: 1, durable: [told?.notification] });
      for (const one of others) expect(one).toMatchObject({ seq: 0, durable: [], progress: [] });
      expect(await history.positionsOf(names)).toEqual(begun.map(({ epoch, seq }) => ({ epoch, seq })));
      const first = await history.append('new-0', at(2), recorded());
      expect(first?.notification).toMatchObject({ epoch: others[0]?.epoch, seq: 1 });
      expect(await history.open('new-0', { epoch: others[0]?.epoch ?? '', seq: 0 })).toMatchObject({
        recovered: true,
        durable: [first?.notification],
      });
    });

    test('positions of many channels come in one call, in its order; a channel that is not known has none', async () => {
      const { history } = create();
      const { epoch } = await history.open('opened', null);
      const told = await history.append('told {1}', at(1), recorded());
      await history.append('told {1}', at(2), recorded());
      expect(await history.positionsOf(['told {1}', 'unknown', 'opened'])).toEqual([
        { epoch: told?.notification.epoch, seq: 2 },
        null,
        { epoch, seq: 0 },
      ]);
      expect(await history.positionsOf(['unknown'])).toEqual([null]);
      expect(await history.positionsOf([])).toEqual([]);
    });

    test('are dropped after their time', async () => {
      const { history, clock } = create({ maxAgeMs: 1000 });
      await history.append('c', at(1), recorded({ at: 0 }));
      await history.append('c', at(2), recorded({ at: 900 }));
      const { epoch } = await history.open('c', null);
      clock.now = 1500;
      expect((await history.open('c', null)).durable).toMatchObject([{ seq: 2 }]);
      expect(await history.open('c', { epoch, seq: 0 })).toMatchObject({ recovered: false });
      expect(await history.open('c', { epoch, seq: 1 })).toMatchObject({
        recovered: true,
        durable: [{ seq: 2 }],
      });
    });

    test('calls made without waiting take effect in their order, and an opening sees all of an append or nothing', async () => {
      const { history } = create();
      const { epoch } = await history.open('c', null);
      const [appended, openings] = [[], []] as [Promise<unknown>[], ReturnType<typeof history.open>[]];
      for (let offset = 0; offset < 150; offset += 1) {
        appended.push(history.append('c', at(offset), recorded({ subject: `job-${offset}`, version: 1 })));
        if (offset % 10 === 0) openings.push(history.open('c', { epoch, seq: 0 }));
      }
      expect(await Promise.all(appended)).toMatchObject(
        Array.from({ length: 150 }, (_, index) => ({ added: true, notification: { seq: index + 1 } })),
      );
      for (const { seq, durable, recovered } of await Promise.all(openings)) {
        expect(recovered).toBe(true);
        expect(durable.map((one) => one.seq)).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
      }
      const { durable } = await history.open('c', null);
      expect(durable.map(({ subject }) => subject)).toEqual(
        Array.from({ length: 150 }, (_, index) => `job-${index}`),
      );
    });

    test('what is appended comes back as it was, whatever it holds', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
          fc.jsonValue(),
          fc.option(fc.maxSafeNat(), { nil: undefined }),
          fc.boolean(),
          fc.string({ minLength: 1, maxLength: 64 }),
          fc.maxSafeNat(),
          async (subject, json, version, final, channelId, offset) => {
            const { history } = create();
            // The data as it comes from the log: JSON has no negative zero.
            const data: unknown = JSON.parse(JSON.stringify(json));
            const event = createEvent({
              type: 'job.changed',
              subject,
              data,
              final,
              cause: createEvent({ type: 'job.started', subject, data: {} }),
              ...(version === undefined ? {} : { version }),
            });
            const appended = await history.append(channelId, at(offset), {
              event,
              recordedAt: 0,
              bytes: 1,
            });
            const expected = {
              channelId,
              lane: 'durable',
              type: 'job.changed',
              subject,
              data,
              final,
              seq: 1,
              at: event.occurredAt,
              version,
              epoch: appended?.notification.epoch,
              eventId: event.eventId,
              correlationId: event.correlationId,
              causationId: event.causationId,
            };
            // Clients get nothing else of the envelope: no owner and no trace.
            expect(appended?.notification).toEqual(expected);
            const opened = await history.open(channelId, null);
            expect(opened.durable).toEqual([appended?.notification]);
            expect(await history.append(channelId, at(offset), { event, recordedAt: 0, bytes: 1 })).toEqual({
              notification: appended?.notification,
              added: false,
            });
          },
        ),
      );
    });
  });
}

function describeProgress(create: (limits?: Partial<HistoryLimits>) => HistoryUnderTest): void {
  describe('progress', () => {
    const versions = async (history: ChannelHistory) =>
      (await history.open('c', null)).progress.map(({ subject, version }) => `${subject}:${version}`);

    test('the newest of a subject wins', async () => {
      const { history } = create();
      expect(await history.setProgress('c', recorded({ version: 2 }))).toMatchObject({
        notification: { version: 2, lane: 'progress' },
        added: true,
      });
      expect(await history.setProgress('c', recorded({ version: 2 }))).toBeNull();
      expect(await history.setProgress('c', recorded({ version: 1 }))).toBeNull();
      await history.setProgress('c', recorded({ version: 3 }));
      expect(await versions(history)).toEqual(['job:3']);
    });

    // A hub that dies, or hears nothing from Redis, between setting and sending leaves a version that nobody was sent.
    test.each([false, true])(
      'the newest that is delivered again is returned again, but no other of its version (an end: %s)',
      async (final) => {
        const { history } = create();
        await history.setProgress('c', recorded({ version: 1 }));
        const newest = recorded({ version: 2, final });
        const set = await history.setProgress('c', newest);
        expect(set).toMatchObject({ added: true });
        expect(await history.setProgress('c', newest)).toEqual({ ...set, added: false });
        expect(await history.setProgress('c', recorded({ version: 2 }))).toBeNull();
        expect(await versions(history)).toEqual(final ? [] : ['job:2']);
        await history.setProgress('c', recorded({ version: 3 }));
        expect(await history.setProgress('c', newest)).toBeNull();
      },
    );

    test('comes back as it was', async () => {
      const { history } = create();
      const cause = createEvent({ type: 'job.started', subject: 'job', data: {} });
      const { eventId, correlationId, causationId } = createEvent({
        type: 'job.changed',
        subject: 'job',
        data: {},
        cause,
      });
      const { event, ...rest } = recorded({ version: 1 });
      const kept = { ...event, eventId, correlationId, causationId };
      const set = await history.setProgress('c', { ...rest, event: kept });
      expect(set?.notification).toMatchObject({
        eventId,
        correlationId: cause.eventId,
        causationId: cause.eventId,
      });
      expect((await history.open('c', null)).progress).toEqual([set?.notification]);
    });

    test.each(['durable', 'progress'])(
      'ends with a final one on the %s lane; late older ones are dropped, newer ones begin anew',
      async (lane) => {
        const { history } = create();
        await history.setProgress('c', recorded({ version: 2 }));
        const end = recorded({ version: 5, final: true });
        if (lane === 'durable') await history.append('c', at(1), end);
        else expect(await history.setProgress('c', end)).toMatchObject({ notification: { final: true } });
        expect(await versions(history)).toEqual([]);
        expect(await history.setProgress('c', recorded({ version: 4 }))).toBeNull();
        expect(await history.setProgress('c', recorded({ version: 5 }))).toBeNull();
        expect(await history.setProgress('c', recorded({ version: 6 }))).not.toBeNull();
        expect(await versions(history)).toEqual(['job:6']);
      },
    );

    test('an end without a version ends what is known', async () => {
      const { history } = create();
      await history.setProgress('c', recorded({ version: 7 }));
      await history.append('c', at(1), recorded({ final: true }));
      expect(await history.setProgress('c', recorded({ version: 7 }))).toBeNull();
      expect(await versions(history)).toEqual([]);
    });

    test('for any order of versions and ends, only the newest one is kept, and only if it is no end', async () => {
      const message = fc.record({ version: fc.nat(12), final: fc.boolean(), durable: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 30 }), async (messages) => {
          const { history } = create();
          for (const [offset, { version, final, durable }] of messages.entries()) {
            if (durable && final) await history.append('c', at(offset), recorded({ version, final }));
            else await history.setProgress('c', recorded({ version, final }));
          }
          const [kept] = (await history.open('c', null)).progress;
          const newest = Math.max(...messages.map(({ version }) => version));
          const oneOfTheNewest = messages.filter(({ version }) => version === newest);
          if (oneOfTheNewest.every(({ final }) => !final)) expect(kept?.version).toBe(newest);
          else if (oneOfTheNewest.every(({ final }) => final)) expect(kept).toBeUndefined();
        }),
      );
    });

    test('subjects of a channel: the longest unchanged are dropped', async () => {
      const { history } = create({ subjectsPerChannel: 3 });
      for (const subject of ['a', 'b', 'c', 'd'])
        await history.setProgress('c', recorded({ subject, version: 1 }));
      await history.setProgress('c', recorded({ subject: 'b', version: 2 }));
      await history.setProgress('c', recorded({ subject: 'e', version: 1 }));
      const { progress } = await history.open('c', null);
      expect(progress.map(({ subject }) => subject)).toEqual(['d', 'b', 'e']);
    });
  });
}
