/** Tries rules on a running hub, several at once. */
import type { Need, Rule } from './rule.ts';
import { rules as allRules } from './rules.ts';
import { type HubUnderTest, Trial } from './trial.ts';

export interface RuleVerdict {
  readonly name: string;
  readonly outcome: 'holds' | 'broken' | 'not tried';
  /** Why the rule is broken, or what a trial would need; else ''. */
  readonly why: string;
  readonly ms: number;
}

export interface RunOptions {
  /** Default: all. */
  readonly rules?: readonly Rule[];
  readonly onVerdict?: (verdict: RuleVerdict) => void;
  /** Rules that are tried at the same time; default 6. */
  readonly atOnce?: number;
}

/** Resolves with a verdict on each rule, in the order of the rules. */
export async function runConformance(hub: HubUnderTest, options: RunOptions = {}): Promise<RuleVerdict[]> {
  const { rules = allRules, onVerdict = () => undefined, atOnce = 6 } = options;
  const verdicts = new Map<Rule, RuleVerdict>();
  const judge = async (rule: Rule) => {
    const verdict = await judgeRule(hub, rule);
    verdicts.set(rule, verdict);
    onVerdict(verdict);
  };
  const together = rules.filter(({ isAlone }) => !isAlone);
  const worker = async () => {
    for (let rule = together.shift(); rule !== undefined; rule = together.shift()) await judge(rule);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const rule of rules.filter(({ isAlone }) => isAlone)) await judge(rule);
  return rules.flatMap((rule) => verdicts.get(rule) ?? []);
}

export async function judgeRule(hub: HubUnderTest, rule: Rule): Promise<RuleVerdict> {
  const missing = rule.needs.filter((need) => !has(hub, need));
  const { name } = rule;
  if (missing.length > 0)
    return {
      name,
      outcome: 'not tried',
      why: `needs ${missing.map((need) => `--${need}`).join(', ')}`,
      ms: 0,
    };
  const trial = new Trial(hub);
  const begin = Date.now();
  try {
    await rule.holds(trial);
    return { name, outcome: 'holds', why: '', ms: Date.now() - begin };
  } catch (error) {
    return { name, outcome: 'broken', why: messageOf(error), ms: Date.now() - begin };
  } finally {
    trial.close();
  }
}

function has(hub: HubUnderTest, need: Need): boolean {
  const { apiKey, supportToken, append, method } = hub;
  const given = { 'api-key': apiKey, 'support-token': supportToken, kafka: append, method };
  return given[need] !== undefined;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, ' ').slice(0, 300);
}
