/** A MUST of docs/protocol.md, and what shows on a running hub whether it holds. */
import type { Trial } from './trial.ts';

/** What a rule needs besides the hub's address; the options of the command have the same names. */
export type Need = 'api-key' | 'support-token' | 'kafka' | 'method';

export interface Rule {
  /** The name that the document gives the rule. */
  readonly name: string;
  readonly needs: readonly Need[];
  /** Whether no other rule may be tried meanwhile, because it disturbs the address that all of them come from. */
  readonly isAlone: boolean;
  /** Rejects where the hub breaks the rule. What the trial opens is closed behind it. */
  readonly holds: (trial: Trial) => Promise<void>;
}

export interface RuleOptions {
  readonly needs?: readonly Need[];
  readonly isAlone?: boolean;
}

export function must(name: string, holds: Rule['holds'], options: RuleOptions = {}): Rule {
  const { needs = [], isAlone = false } = options;
  return { name, needs, isAlone, holds };
}
