import { topics } from '@tidings/contracts/topics.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { createHubMetrics } from '../metrics.ts';
import { LaneIntake } from './lane-intake.ts';

test('thousands of skipped records make one log line, which has their number', async () => {
  const lines: { skipped: number; offset: number; reason: string }[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = createHubMetrics(new Registry());
  let now = 0;
  const intake = new LaneIntake('durable', {
    history: new MemoryHistory(),
    metrics,
    logger,
    now: () => now,
  });
  const decode = (offset: number) => intake.decode(malformed(offset));
  for (let offset = 0; offset < 5_000; offset += 1) expect(decode(offset)).toBeNull();
  expect(lines).toMatchObject([{ offset: 0, skipped: 1 }]);
  now = 10_000;
  decode(5_000);
  expect(lines.slice(1)).toMatchObject([{ offset: 5_000, skipped: 5_000 }]);
  const { values } = await metrics.received.get();
  expect(values).toMatchObject([{ labels: { outcome: 'malformed' }, value: 5_001 }]);
});

function malformed(offset: number): LogRecord {
  return {
    topic: topics.notifications,
    partition: 0,
    offset,
    key: 'c',
    value: new TextEncoder().encode('{}'),
    headers: {},
    timestamp: 0,
  };
}
