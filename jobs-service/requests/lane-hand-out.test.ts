import { expect, onTestFinished, test } from 'vitest';
import { LaneHandOut } from './lane-hand-out.ts';

const never = () => new AbortController().signal;

function start(leaseMs = 60_000) {
  const handOut = new LaneHandOut({ leaseMs, onChange: () => undefined });
  handOut.open();
  onTestFinished(() => handOut.abandon());
  /** What becomes of the offer: null once it is answered, else the code of the failure. */
  const offer = (requestId: string, deadline: AbortSignal = never(), handover: AbortSignal = never()) =>
    handOut
      .offer(
        {
          ...{ requestId, replyTo: 'x', correlationId: requestId, service: 'reports', method: 'list' },
          ...{ deadline: Date.now() + 60_000, headers: {}, body: new Uint8Array() },
        },
        deadline,
        1,
        handover,
      )
      .catch(({ code }: { code: string }) => code);
  const next = () => {
    const handedOut = handOut.next();
    if (handedOut === null) throw new Error('nothing is offered');
    return handedOut;
  };
  return { handOut, offer, next };
}

test('what a worker could not be given goes to the next one at once, before those behind it', () => {
  const { handOut, offer, next } = start();
  void offer('a');
  void offer('b');
  handOut.giveBack(next());
  expect([next().request.requestId, next().request.requestId]).toEqual(['a', 'b']);
});

test('at most 64 requests are in workers’ hands, and the next one follows the first reply', async () => {
  const { handOut, offer } = start();
  for (let number = 0; number < 65; number += 1) void offer(String(number));
  const leases = Array.from({ length: 65 }, () => handOut.next());
  expect([leases.filter((one) => one !== null).length, leases[64]]).toEqual([64, null]);
  const given: string[] = [];
  handOut.await({ take: ({ request }) => void given.push(request.requestId) });
  expect(await handOut.settle(leases[0]?.leaseId ?? '', async () => undefined)).toBe(true);
  expect(given).toEqual(['64']);
});

test('a reply that the log does not take leaves the lease as it was', async () => {
  const { handOut, offer, next } = start();
  const answered = offer('a');
  const { leaseId } = next();
  await expect(handOut.settle(leaseId, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(handOut.renew(leaseId)).not.toBeNull();
  expect(await handOut.settle(leaseId, async () => undefined)).toBe(true);
  expect(await answered).toBeNull();
  expect(await handOut.settle(leaseId, async () => undefined)).toBe(false);
});

test('a deadline takes the request back, whether it is offered or leased', async () => {
  const { handOut, offer, next } = start();
  const deadline = new AbortController();
  void offer('leased', deadline.signal);
  const { leaseId } = next();
  void offer('offered', deadline.signal);
  deadline.abort();
  expect([handOut.next(), handOut.renew(leaseId), handOut.isBusy]).toEqual([null, null, false]);
  expect(await handOut.settle(leaseId, async () => undefined)).toBe(false);
});

test('whoever leaves lets others have what is offered, and when it must, what is leased; no attempt is counted', async () => {
  const { handOut, offer, next } = start();
  const leased = offer('leased');
  const { leaseId } = next();
  const offered = offer('offered');
  handOut.leave();
  expect(await offered).toBe('leaving');
  expect(await offer('later')).toBe('leaving');
  expect(handOut.renew(leaseId)).not.toBeNull();
  handOut.abandon();
  expect(await leased).toBe('leaving');
});

test('what others may get is handed out no more, but whoever has it in hand may answer', async () => {
  const { handOut, offer, next } = start();
  const handover = new AbortController();
  const [answered, returned] = [
    offer('answered', never(), handover.signal),
    offer('returned', never(), handover.signal),
  ];
  const [first, second] = [next(), next()];
  const offered = offer('offered', never(), handover.signal);
  handover.abort();
  expect([await offered, handOut.next()]).toEqual(['leaving', null]);
  expect(await handOut.settle(first.leaseId, async () => undefined)).toBe(true);
  handOut.giveBack(second);
  expect([await answered, await returned, handOut.next()]).toEqual([null, 'leaving', null]);
  expect(await offer('later', never(), handover.signal)).toBe('leaving');
});

test('a reply that the log does not take before the lane is left leaves no lease', async () => {
  const { handOut, offer, next } = start();
  const left = offer('a');
  const { leaseId } = next();
  const settled = handOut.settle(leaseId, async () => {
    handOut.abandon();
    throw new Error('away');
  });
  await expect(settled).rejects.toThrow('away');
  expect([await left, handOut.renew(leaseId), handOut.isBusy]).toEqual(['leaving', null, false]);
});

test('a lease that ends is a failed attempt', async () => {
  const { handOut, offer, next } = start(1);
  const failed = offer('a');
  const { leaseId } = next();
  expect(await failed).toBe('lease_ended');
  expect(handOut.renew(leaseId)).toBeNull();
});
