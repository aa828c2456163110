/** What the proof needs of a running Tidings, whatever its engines are. */
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { TcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import type { Fault, FaultLine } from './faults.ts';
import type { RowSpoiler } from './row-spoiler.ts';

export interface ProvedSystem {
  /** Where clients reach it, over a network that breaks. */
  readonly url: string;
  readonly supportToken: string;
  readonly faultLines: readonly FaultLine[];
  readonly spoiler: RowSpoiler;
  /** Starts what does not run; resolves when everything is ready. @returns which processes had ended without a fault */
  heal(): Promise<string[]>;
  /** Opens what is kept. No client is served from then on. */
  inspect(): Promise<Inspection>;
  /** Ends everything at once, and writes the logs. */
  stop(options: { readonly keepData: boolean }): Promise<void>;
}

export interface Inspection {
  query<Row>(sql: string): Promise<Row[]>;
  readonly log: EventLog;
  close(): Promise<void>;
}

/** The faults of one network. */
export function networkFaults(target: string, proxies: readonly TcpProxy[], weight: number): Fault[] {
  const all = (act: (proxy: TcpProxy) => void) => () => proxies.forEach(act);
  const end = all((proxy) => proxy.pass());
  return [
    { kind: 'cut', target, weight, longestMs: 6_000, begin: all((proxy) => proxy.cut()), end },
    { kind: 'stall', target, weight, longestMs: 12_000, begin: all((proxy) => proxy.stall()), end },
  ];
}
