/** A client that polls, without a network. Of a client by WebSocket, `to-browser.test.ts` tells. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';
import type { Connection } from './connections.ts';

/** The events come as engine.io emits them: `packages/testing/libraries/socket-io.test.ts` looks at that. */
function startPolling() {
  const transport = Object.assign(new EventEmitter(), { res: null as unknown });
  const conn = Object.assign(new EventEmitter(), { transport });
  const read: number[] = [];
  const backlog = new Backlog(conn as unknown as Connection, () => read.push(backlog.bytes));
  let waiting = 0;
  const flush = () => {
    if (transport.res === null || waiting === 0) return;
    waiting = 0;
    conn.emit('flush');
    transport.res = null;
    transport.emit('drain');
    conn.emit('drain');
  };
  // The engine follows its transport before anybody else does; the backlog puts itself before it.
  transport.on('ready', flush);
  return {
    backlog,
    write(bytes: number) {
      conn.emit('packetCreate', { data: 'x'.repeat(bytes) });
      waiting += bytes;
      flush();
    },
    poll() {
      const answer = Object.assign(new EventEmitter(), { writableFinished: false, closed: false });
      transport.res = answer;
      transport.emit('ready');
      return {
        leave() {
          Object.assign(answer, { writableFinished: true, closed: true });
          answer.emit('close');
        },
      };
    },
  };
}

test('an answer counts as read at the next poll', () => {
  const { backlog, write, poll } = startPolling();
  const first = poll();
  write(1_000);
  first.leave();
  write(500);
  expect(backlog).toMatchObject({ bytes: 1_500, packets: 1 });
  const second = poll();
  expect(backlog).toMatchObject({ bytes: 500, packets: 0, readBytes: 1_000 });
  second.leave();
  poll();
  expect(backlog).toMatchObject({ bytes: 0, readBytes: 1_500 });
});

// Otherwise a client could make room again and again, and this process would hold all the answers.
test('an answer that this process still holds is not read, however often the client polls', () => {
  const { backlog, write, poll } = startPolling();
  const first = poll();
  write(1_000);
  const second = poll();
  write(1_000);
  second.leave();
  poll();
  expect(backlog.bytes).toBe(2_000);
  first.leave();
  expect(backlog.bytes).toBe(0);
});
