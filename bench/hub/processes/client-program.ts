/** The clients of a bench as a process of their own, which obeys its parent one command after another. See `clients.ts`. */
import { type Opened, RawClient } from './raw-client.ts';

export type ClientsCommand =
  | {
      readonly kind: 'open';
      readonly urls: readonly string[];
      readonly count: number;
      /** Connections that are opened at once. */
      readonly atOnce: number;
      /** The channel that all of them follow; default one each. */
      readonly channel?: Opened;
      /** Keeps what each client has received, by event id. */
      readonly keepsEvents?: boolean;
      readonly recoversState?: boolean;
      /** Which address each client tries first; default the next one for each client. */
      readonly startsAt?: number;
    }
  /** Answered once so many notifications have arrived since the last `reset`, or none has come for that time. */
  | { readonly kind: 'await'; readonly arrivals: number; readonly quietMs: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'report' }
  /** Answered once all clients have come back since the last `reset`, or the time is over. */
  | { readonly kind: 'awaitBack'; readonly count: number; readonly timeoutMs: number };

export interface ClientsReport {
  readonly arrivals: number;
  /** Connections that were lost, by the hub's code or that of the WebSocket. */
  readonly lost: Readonly<Record<string, number>>;
  readonly back: number;
  readonly recovered: number;
  /** By channel: event ids, as they came. */
  readonly events: readonly (readonly [channelId: string, eventIds: readonly string[]])[];
  /** Milliseconds since 1970 at which clients came back. */
  readonly backAt: readonly number[];
}

/** Milliseconds between two looks at the counts. */
const LOOK_MS = 2;

const clients: RawClient[] = [];
const events = new Map<RawClient, string[]>();
let arrivals = 0;
let arrivedAt = 0;
let recovered = 0;
let lost: Record<string, number> = {};
let backAt: number[] = [];

process.on('message', async (command: ClientsCommand) => process.send?.((await obey(command)) ?? null));
process.on('disconnect', () => process.exit(0));

async function obey(command: ClientsCommand): Promise<unknown> {
  if (command.kind === 'open') return open(command);
  if (command.kind === 'await') {
    const start = Date.now();
    const isQuiet = () => Date.now() - Math.max(arrivedAt, start) > command.quietMs;
    await until(() => arrivals >= command.arrivals || isQuiet());
    return { arrivals, arrivedAt };
  }
  if (command.kind === 'awaitBack') {
    const end = Date.now() + command.timeoutMs;
    await until(() => backAt.length >= command.count || Date.now() > end);
  }
  if (command.kind === 'reset') {
    arrivals = 0;
    recovered = 0;
    lost = {};
    backAt = [];
    for (const kept of events.values()) kept.length = 0;
    return null;
  }
  return report();
}

function report(): ClientsReport {
  const byChannel = Array.from(events, ([client, ids]) => [client.opened?.channelId ?? '', ids] as const);
  return { arrivals, lost, back: backAt.length, recovered, events: byChannel, backAt };
}

async function open({
  urls,
  count,
  atOnce,
  channel,
  keepsEvents,
  recoversState,
  startsAt,
}: Extract<ClientsCommand, { kind: 'open' }>) {
  const opened: Opened[] = [];
  const make = (number: number) =>
    new RawClient({
      urls,
      first: startsAt ?? number,
      address: `10.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}`,
      channel,
      recoversState,
      onNotification: keepsEvents ? keepEvent : countArrival,
      onBack,
      onLost: (reason) => {
        lost[reason] = (lost[reason] ?? 0) + 1;
      },
    });
  const start = performance.now();
  let next = 0;
  const work = async () => {
    while (next < count) {
      const client = make(next);
      next += 1;
      clients.push(client);
      if (keepsEvents) events.set(client, []);
      await client.connect();
      if (client.opened !== undefined) opened.push(client.opened);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  return {
    seconds: (performance.now() - start) / 1000,
    channelIds: opened.map(({ channelId }) => channelId),
  };
}

function countArrival(): void {
  arrivals += 1;
  arrivedAt = Date.now();
}

function keepEvent(text: string, client: RawClient): void {
  countArrival();
  const [, notification] = JSON.parse(text.slice(2)) as [
    string,
    { eventId: string; epoch?: string; seq?: number },
  ];
  events.get(client)?.push(notification.eventId);
  const { epoch, seq } = notification;
  if (seq !== undefined) client.position = { epoch, seq };
}

/** What a snapshot holds counts as received: it replaces what the client has. */
function onBack(client: RawClient, opened: Opened): void {
  backAt.push(Date.now());
  if (opened.recovered !== false) recovered += 1;
  const kept = events.get(client);
  for (const { eventId } of opened.snapshot?.durable ?? [])
    if (kept?.includes(eventId) === false) kept.push(eventId);
}

function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!condition()) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
  });
}
