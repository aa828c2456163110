import { type Broker, KafkaJSConnectionError } from 'kafkajs';
import { expect, test, vi } from 'vitest';
import { followCoordinator } from './coordinator.ts';

/** A broker that answers a heartbeat with its name or with an error; no real broker fails in these ways on demand. */
function brokerOf(name: string, failure?: Error) {
  const heartbeat = vi.fn(async () => {
    if (failure !== undefined) throw failure;
    return name;
  });
  return { name, heartbeat, isConnected: () => failure === undefined };
}

const gone = new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
  broker: 'first:9092',
  code: 'ECONNREFUSED',
});
const moved = Object.assign(new Error('This is not the correct coordinator'), {
  type: 'NOT_COORDINATOR_FOR_GROUP',
});
const unknown = Object.assign(new Error('not aware of this member'), { type: 'UNKNOWN_MEMBER_ID' });

function follow(first: ReturnType<typeof brokerOf>, ...next: (ReturnType<typeof brokerOf> | Error)[]) {
  const find = vi.fn(async () => {
    const found = next.shift();
    if (found === undefined || found instanceof Error) throw found ?? new Error('nobody');
    return found as unknown as Broker;
  });
  const coordinator = followCoordinator(first as unknown as Broker, find);
  return { find, coordinator: coordinator as unknown as ReturnType<typeof brokerOf> };
}

test.each([
  ['is gone', gone],
  ['is not the coordinator any more', moved],
])(
  'what a broker is asked that %s, the next one answers, and from then on it alone is asked',
  async (_, failure) => {
    const [first, second] = [brokerOf('first', failure), brokerOf('second')];
    const { coordinator, find } = follow(first, second);
    expect(await coordinator.heartbeat()).toBe('second');
    expect(await coordinator.heartbeat()).toBe('second');
    expect(first.heartbeat).toHaveBeenCalledTimes(1);
    expect(find).toHaveBeenCalledTimes(1);
    expect(coordinator.name).toBe('second');
    expect(coordinator.isConnected()).toBe(true);
  },
);

test('requests that fail at the same time look up the coordinator once', async () => {
  const { coordinator, find } = follow(brokerOf('first', gone), brokerOf('second'));
  const answers = await Promise.all([
    coordinator.heartbeat(),
    coordinator.heartbeat(),
    coordinator.heartbeat(),
  ]);
  expect(answers).toEqual(['second', 'second', 'second']);
  expect(find).toHaveBeenCalledTimes(1);
});

test('an error that does not depend on the broker is passed on', async () => {
  const { coordinator, find } = follow(brokerOf('first', unknown), brokerOf('second'));
  await expect(coordinator.heartbeat()).rejects.toBe(unknown);
  expect(find).not.toHaveBeenCalled();
});

test('where the lookup fails, the request rejects with its own error, and the next request looks again', async () => {
  const { coordinator } = follow(brokerOf('first', gone), new Error('nobody answers'), brokerOf('second'));
  await expect(coordinator.heartbeat()).rejects.toBe(gone);
  expect(await coordinator.heartbeat()).toBe('second');
});
