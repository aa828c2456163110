/** How the hub refuses. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { problemOf, type Trial } from '../trial.ts';

/** Requests of one channel's tokens at once. */
const AT_ONCE = 10;
/** Requests a minute of one channel's tokens, in each process of a hub that has up to four. */
const A_MINUTE = 60 * 4;

async function isAProblemDocument(trial: Trial): Promise<void> {
  const answers = [
    [await trial.send('/no/such/address', { headers: { Accept: 'application/json' } }), 404, 'not_found'],
    [await trial.send('/channels', { method: 'POST', json: '{"owner":' }), 400, 'invalid_request'],
    [await trial.send(`/channels/${'A'.repeat(36)}/tickets`, { method: 'POST' }), 401, 'token_missing'],
  ] as const;
  for (const [answer, status, code] of answers) {
    const problem = await problemOf(answer, status, code);
    assert.deepEqual([problem.status, typeof problem.retriable], [status, 'boolean']);
    assert(problem.title && problem.detail, 'a title and a detail');
  }
}

async function saysWhenToComeBack(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const ask = () => trial.send(`/channels/${channelId}/tickets`, { method: 'POST', token });
  const answers: Response[] = [];
  while (answers.length <= A_MINUTE && answers.every(({ status }) => status !== 429))
    answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, ask))));
  const refused = answers.find(({ status }) => status === 429);
  assert(refused !== undefined, `none of ${answers.length} requests was refused`);
  const { retriable } = await problemOf(refused, 429, 'rate_limited');
  assert.equal(retriable, true);
  assert(Number(refused.headers.get('retry-after')) > 0, 'Retry-After');
}

async function refusesStrangePages(trial: Trial): Promise<void> {
  const answer = await trial.send('/channels', {
    method: 'POST',
    json: trial.newChannel,
    headers: { Origin: 'https://another-site.example' },
  });
  await problemOf(answer, 403, 'origin_forbidden');
}

async function refusesUnknownParameters(trial: Trial): Promise<void> {
  const { channelId, token } = await trial.create();
  const asked = [
    await trial.send(`/channels/${channelId}/events?lastEventid=a:1`, { token }),
    await trial.send('/channels?dryRun=true', { method: 'POST', json: trial.newChannel }),
  ];
  const problems = await Promise.all(asked.map((answer) => problemOf(answer, 400, 'invalid_request')));
  assert.deepEqual(
    problems.map(({ field }) => field),
    ['lastEventid', 'dryRun'],
  );
  const headers = { Accept: 'application/json' };
  const added = await trial.send(`/channels/${channelId}/events?_=1&utm_source=mail`, { token, headers });
  assert.equal(added.status, 200);
}

export const problemRules: readonly Rule[] = [
  must('hub.problem.document', isAProblemDocument),
  must('hub.problem.retry-after', saysWhenToComeBack),
  must('hub.problem.origin', refusesStrangePages),
  must('hub.problem.parameter', refusesUnknownParameters),
];
