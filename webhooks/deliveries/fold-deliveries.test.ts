import type { WebhookCommand } from '@tidings/contracts/owners/webhooks.ts';
import { MAX_FINISHED_DELIVERIES, MAX_WAITING_DELIVERIES } from '@tidings/contracts/owners/webhooks.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DeliveryLine, emptyLine, foldDeliveries, GIVE_UP_AFTER_MS, headOf } from './fold-deliveries.ts';

const endpointId = 'endpoint';
const ok = { status: 200, body: '', error: null };
const failed = { status: 500, body: '', error: 'status_not_2xx' };

class Line {
  line: DeliveryLine = emptyLine({ endpointId, partition: 0 });
  #offset = 0;

  fold(command: WebhookCommand, timestamp = 0): void {
    this.#offset += 1;
    const folded = foldDeliveries(this.line, command, {
      endpointId,
      partition: 0,
      offset: this.#offset,
      timestamp,
    });
    this.line = folded?.line ?? emptyLine({ endpointId, partition: 0 });
  }

  add(id: string, timestamp = 0): void {
    this.fold(
      { type: 'add', delivery: { id, owner: 'mira', type: 't', subject: 's', body: '{}' } },
      timestamp,
    );
  }

  /** The attempt that the head has next. */
  attempt(answer: typeof failed | typeof ok, at = 0): void {
    const head = headOf(this.line);
    if (head === undefined) return;
    this.fold({ type: 'attempted', deliveryId: head.id, attempt: head.attempts + 1, at, answer });
  }

  status(id: string): string | undefined {
    return this.line.deliveries.get(id)?.status;
  }
}

describe('the line', () => {
  test('waits longer after each failure, up to six hours, and as long as a Retry-After says', () => {
    const line = new Line();
    line.add('a');
    const pauses = Array.from({ length: 18 }, () => {
      line.attempt(failed);
      return line.line.state.nextAttemptAt;
    });
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses.at(-1)).toBe(6 * 3_600_000);
    const other = new Line();
    other.add('a');
    const command = { type: 'attempted', deliveryId: 'a', attempt: 1, at: 0, answer: failed } as const;
    other.fold({ ...command, retryAfterMs: 60_000 });
    expect(other.line.state.nextAttemptAt).toBe(60_000);
  });

  test('gives up what is three days old at a failure, all of it, and nothing younger', () => {
    const line = new Line();
    line.add('a', 0);
    line.add('b', 1_000);
    line.add('c', 5_000);
    line.attempt(failed, GIVE_UP_AFTER_MS - 1);
    expect(line.status('a')).toBe('waiting');
    line.attempt(failed, GIVE_UP_AFTER_MS + 1_000);
    expect(['a', 'b', 'c'].map((id) => line.status(id))).toEqual(['dead', 'dead', 'waiting']);
    expect(line.line.deliveries.get('b')?.lastAnswer?.error).toBe('status_not_2xx');
  });

  test('ignores what another instance has tried as well, and what is not next', () => {
    const line = new Line();
    line.add('a');
    line.add('b');
    const attempted = (deliveryId: string, attempt: number) =>
      line.fold({ type: 'attempted', deliveryId, attempt, at: 0, answer: ok });
    attempted('b', 1);
    attempted('a', 2);
    expect([line.status('a'), line.status('b')]).toEqual(['waiting', 'waiting']);
    attempted('a', 1);
    attempted('a', 1);
    expect([line.status('a'), line.line.deliveries.get('a')?.attempts]).toEqual(['delivered', 1]);
  });

  test('has bounds: what waits beyond them is dead at once, and the oldest of what is over is forgotten', () => {
    const line = new Line();
    for (let count = 0; count < MAX_WAITING_DELIVERIES; count += 1) line.add(`a${count}`);
    line.add('over');
    expect(line.line.deliveries.get('over')).toMatchObject({
      status: 'dead',
      lastAnswer: { error: 'queue_full' },
    });
    const short = new Line();
    for (let count = 0; count <= MAX_FINISHED_DELIVERIES; count += 1) {
      short.add(`a${count}`);
      short.attempt(ok);
    }
    expect(short.line.deliveries.size).toBe(MAX_FINISHED_DELIVERIES);
    expect(short.status('a0')).toBeUndefined();
  });
});

const step = fc.oneof(
  fc.constant({ add: true } as const),
  fc.record({ answers: fc.constantFrom(ok, failed, { status: 410, body: '', error: 'gone' }) }),
  fc.record({ skips: fc.nat(5) }),
  fc.record({ resends: fc.nat(5) }),
  fc.constant({ unblocks: true } as const),
);

test('delivers in order: of what is delivered first, none was added before another that waits', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new Line();
      const sent: number[] = [];
      let added = 0;
      for (const one of steps) {
        const ids = [...line.line.deliveries.keys()];
        const head = headOf(line.line);
        const waiting = [...line.line.deliveries.values()].filter(({ status }) => status === 'waiting');
        expect(head?.order).toBe(
          waiting.length === 0 ? undefined : Math.min(...waiting.map(({ order }) => order)),
        );
        if ('add' in one) line.add(`${added++}`);
        else if ('answers' in one) {
          if (head !== undefined && one.answers === ok && line.line.state.disabledReason === null)
            sent.push(head.order);
          line.attempt(one.answers);
        } else if ('skips' in one) line.fold({ type: 'skip', deliveryId: ids[one.skips] ?? '' });
        else if ('resends' in one) line.fold({ type: 'resend', deliveryId: ids[one.resends] ?? '' });
        else line.fold({ type: 'unblock' });
      }
      expect(sent).toEqual(sent.toSorted((a, b) => a - b));
    }),
  );
});
