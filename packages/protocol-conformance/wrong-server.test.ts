/** The suite against servers that break the protocol: it must name what they break. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { expect, onTestFinished, test } from 'vitest';
import { tableOf } from './report.ts';
import { rules } from './rules.ts';
import { runConformance } from './run.ts';

/** A plain Socket.IO server, as somebody would begin: it acknowledges, and knows no history. */
async function serve(accept: (socket: Socket) => void): Promise<string> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const server = new Server(http, { transports: ['websocket'] });
  server.on('connection', accept);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** What the rule is tried with needs no patience: a wrong server answers wrongly, or never. */
const patienceMs = 150;
/** Rules that wait by the clock, which the others show as well. */
const quick = rules.filter(
  ({ name }) => !['hub.end.idle', 'hub.events.heartbeat', 'hub.end.slow'].includes(name),
);

test('a plain Socket.IO server fails, and every rule is named', async () => {
  const url = await serve((socket) =>
    socket.onAny((...message: unknown[]) => {
      const acknowledge = message.at(-1);
      if (typeof acknowledge === 'function') acknowledge({ ok: true });
    }),
  );
  const verdicts = await runConformance(
    { url, apiKey: 'k'.repeat(32), patienceMs },
    { rules: quick, atOnce: 20 },
  );
  const holding = verdicts.filter(({ outcome }) => outcome === 'holds').map(({ name }) => name);
  expect(holding).toEqual([]);
  const broken = verdicts.filter(({ outcome }) => outcome === 'broken');
  expect(broken.length).toBe(quick.filter(({ needs }) => needs.every((need) => need === 'api-key')).length);
  const table = tableOf(verdicts);
  for (const { name } of broken) expect(table).toMatch(new RegExp(`^  ${name}: .+`, 'm'));
  expect(table).toMatch(/^ {2}hub\.topic\.skip: needs --kafka$/m);
});

test('a server that answers like a hub, but gives everybody the same channel, breaks the rules about that alone', async () => {
  const url = await serve((socket) => {
    socket.on('channel:open', (_request, answer) =>
      answer({
        ...{ channelId: 'c'.repeat(36), token: 't', epoch: 'e', seq: 0, recovered: false },
        snapshot: { progress: [], durable: [] },
      }),
    );
  });
  const tried = rules.filter(({ name }) =>
    ['hub.open.new', 'hub.open.bound', 'hub.open.invalid'].includes(name),
  );
  const verdicts = await runConformance({ url, patienceMs: 2_000 }, { rules: tried });
  expect(verdicts.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['hub.open.new', 'holds'],
    ['hub.open.invalid', 'broken'],
    ['hub.open.bound', 'broken'],
  ]);
});
