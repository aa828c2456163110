import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import {
  durableNotification as durable,
  progressNotification as progress,
} from '@tidings/testing/notification.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Delivery } from './delivery.ts';

function opened(seq: number, fields: Partial<OpenedChannel> = {}): OpenedChannel {
  const snapshot = { progress: [], durable: [] };
  return { channelId: 'c', token: 't', epoch: 'e', seq, recovered: false, snapshot, ...fields };
}

describe('durable notifications', () => {
  test('in any order and repetition: only the next one is taken, what is behind a gap never', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (seqs) => {
        const delivery = new Delivery(null);
        delivery.open(opened(0));
        let known = 0;
        for (const seq of seqs) {
          const expected = seq === known + 1 ? 'next' : seq <= known ? 'repeated' : 'gap';
          expect(delivery.receive(durable(seq))).toBe(expected);
          if (expected === 'next') known = seq;
          expect(delivery.position).toEqual({ epoch: 'e', seq: known });
        }
      }),
    );
  });

  test('that come before the channel is open, or of another epoch, are behind a gap', () => {
    const delivery = new Delivery(null);
    expect(delivery.receive(durable(1))).toBe('gap');
    delivery.open(opened(3));
    expect(delivery.receive(durable(4, { epoch: 'f' }))).toBe('gap');
    expect(delivery.receive(progress(4, { epoch: 'f' }))).toBe('gap');
    expect(delivery.position).toEqual({ epoch: 'e', seq: 3 });
  });

  test('of a state that is older than the known one are outdated, and do not make the old state known again', () => {
    const delivery = new Delivery(null);
    delivery.open(opened(0));
    expect(delivery.receive(progress(10))).toBe('next');
    expect(delivery.receive(durable(1, { version: 8 }))).toBe('outdated');
    expect(delivery.receive(progress(9))).toBe('repeated');
    expect(delivery.receive(durable(2, { version: 10 }))).toBe('next');
  });
});

test('progress: only what is newer than everything of its subject, in either lane', () => {
  const delivery = new Delivery(null);
  delivery.open(opened(0));
  expect(delivery.receive(progress(2))).toBe('next');
  expect(delivery.receive(progress(2))).toBe('repeated');
  expect(delivery.receive(progress(1))).toBe('repeated');
  expect(delivery.receive(progress(1, { subject: 'other' }))).toBe('next');
  expect(delivery.receive(durable(1, { version: 5 }))).toBe('next');
  expect(delivery.receive(progress(5))).toBe('repeated');
  expect(delivery.receive(progress(6))).toBe('next');
});

describe('opening', () => {
  test('recovered: the position stays, and what follows continues it', () => {
    const delivery = new Delivery({ epoch: 'e', seq: 3 });
    expect(delivery.open(opened(5, { recovered: true }))).toBeNull();
    expect(delivery.receive(durable(4))).toBe('next');
    expect(delivery.receive(durable(5))).toBe('next');
  });

  test('not recovered: the snapshot replaces everything, without progress that is overtaken', () => {
    const delivery = new Delivery({ epoch: 'old', seq: 30 });
    const snapshot = {
      durable: [durable(1, { version: 7 }), durable(2, { subject: 'other', version: 1 })],
      progress: [progress(6), progress(2, { subject: 'other' })],
    };
    const told = delivery.open(opened(2, { snapshot }));
    expect(told?.durable).toHaveLength(2);
    expect(told?.progress).toMatchObject([{ subject: 'other', version: 2 }]);
    expect(delivery.position).toEqual({ epoch: 'e', seq: 2 });
    expect(delivery.receive(progress(7))).toBe('repeated');
    expect(delivery.receive(durable(3))).toBe('next');
  });

  test('versions of at most 1,000 subjects are remembered', () => {
    const delivery = new Delivery(null);
    delivery.open(opened(0));
    for (let number = 0; number < 1_001; number += 1) {
      expect(delivery.receive(progress(5, { subject: `job-${number}` }))).toBe('next');
    }
    expect(delivery.receive(progress(5, { subject: 'job-1' }))).toBe('repeated');
    expect(delivery.receive(progress(5, { subject: 'job-0' }))).toBe('next');
  });
});
