import type { EventLog } from '../event-log.ts';

/** An engine, as the suite sees it. */
export interface ConformanceEngine {
  /** A place for a log. The suite gives every topic and group a name of its own, so places may share a server. */
  create(): Promise<ConformanceSite>;
  readonly features: ConformanceFeatures;
}

export interface ConformanceFeatures {
  /** Whether a second `open` of the same place is refused with `log_in_use`. */
  readonly exclusive: boolean;
  /** Whether replaced records and tombstones are gone within seconds; else only that what counts is kept is checked. */
  readonly compactsPromptly: boolean;
  /** Whether a partition that moves between living members of `consume` waits for its handler, so that nothing comes twice. */
  readonly movesWithoutRedelivery: boolean;
  /** How often a child process is killed at a random moment. */
  readonly crashRounds: number;
  /** A random moment is within this many milliseconds after the first acknowledgement; default 40. */
  readonly crashLifeMs?: number;
  /** At which of the engine's named steps a child process is killed; its `runChild` program reports them. */
  readonly crashPoints: readonly string[];
}

export interface ConformanceSite {
  /** Opens the log; after its `close`, opens it again. The suite closes what it opens. */
  open(): Promise<EventLog>;
  /** Another client of the log that is open. `cut` takes it away as its death would, without a farewell. */
  connect(): Promise<{ readonly log: EventLog; cut(): Promise<void> }>;
  /** A program that calls `runChild`, and what it is to open this place with (JSON). */
  readonly child: { readonly entry: string; readonly settings: unknown };
  dispose(): Promise<void>;
}
