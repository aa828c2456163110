import type { EventLog } from '../event-log.ts';

/** What the suite needs of an engine. */
export interface ConformanceEngine {
  /** Makes a place for a log. Every topic and group has a name of its own, so places may share a server. */
  create(): Promise<ConformanceSite>;
  readonly features: ConformanceFeatures;
}

export interface ConformanceFeatures {
  /** Whether a second `open` of the same place is refused with `log_in_use`. */
  readonly exclusive: boolean;
  /** Whether replaced records and tombstones go within seconds. Otherwise the suite checks only that the newest records stay. */
  readonly compactsPromptly: boolean;
  /** Whether a partition that moves between running members of `consume` waits for its handler, so that no record comes twice. */
  readonly movesWithoutRedelivery: boolean;
  /** How often a child process is killed at a random moment. */
  readonly crashRounds: number;
  /** A random moment is within this many milliseconds after the first acknowledgement; default 40. */
  readonly crashLifeMs?: number;
  /** The engine's crash points at which a child process is killed; its `runChild` program reports them. */
  readonly crashPoints: readonly string[];
}

export interface ConformanceSite {
  /** Opens the log; after its `close`, opens it again. The suite closes what it opens. */
  open(): Promise<EventLog>;
  /** Connects another client of the open log. `cut` ends it as a crash would, without leaving its groups. */
  connect(): Promise<{ readonly log: EventLog; cut(): Promise<void> }>;
  /** A program that calls `runChild`, and the settings (JSON) with which it opens this place. */
  readonly child: { readonly entry: string; readonly settings: unknown };
  dispose(): Promise<void>;
}
