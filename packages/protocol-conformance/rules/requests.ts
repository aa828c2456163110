/** Requests to services. Each rule acts as caller and worker. The rules are tried one after another, because they share a service. */
import assert from 'node:assert/strict';
import { must, type Rule } from '../rule.ts';
import { problemOf, type Trial } from '../trial.ts';

interface Taken {
  readonly requestId: string;
  readonly lease: string;
  readonly body: { readonly json: { readonly mark: string } };
}

let marks = 0;
/** Tells the request of a rule from one that an earlier run has left. */
function mark(): string {
  marks += 1;
  return `conformance ${Date.now()} ${marks}`;
}

async function ask(trial: Trial, own: string, prefer: string) {
  const { token } = await trial.create();
  const json = { mark: own };
  const headers = { Prefer: prefer };
  return { token, answer: trial.send(`/requests/${trial.method}`, { method: 'POST', token, json, headers }) };
}

function asWorker(trial: Trial, path: string, json: object): Promise<Response> {
  return trial.send(`/requests/${path}`, { method: 'POST', token: trial.apiKey, json });
}

function reply(trial: Trial, { requestId, lease }: Taken, status: number, text: string): Promise<Response> {
  return asWorker(trial, `${requestId}/reply`, { lease, status, body: { text } });
}

/** Takes the request with the mark. It answers all other requests that wait, so that they are gone. */
async function take(trial: Trial, own: string): Promise<Taken> {
  const [service] = trial.method.split('/');
  const end = Date.now() + trial.patienceMs;
  while (Date.now() < end) {
    const response = await asWorker(trial, `${service}/take`, { wait: 1 });
    if (response.status === 204) continue;
    assert.equal(response.status, 200);
    const taken = (await response.json()) as Taken;
    if (taken.body.json?.mark === own) return taken;
    await reply(trial, taken, 410, 'of an earlier run');
  }
  throw new Error('the request did not come to the worker');
}

async function answersWithTheReply(trial: Trial): Promise<void> {
  const own = mark();
  const { answer } = await ask(trial, own, 'wait=60');
  assert.equal((await reply(trial, await take(trial, own), 418, 'a teapot')).status, 204);
  const response = await answer;
  assert.deepEqual([response.status, await response.text()], [418, 'a teapot']);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
}

async function isFoundLater(trial: Trial): Promise<void> {
  const own = mark();
  const { token, answer } = await ask(trial, own, 'wait=0');
  const waiting = await answer;
  const { requestId } = (await waiting.json()) as { requestId: string };
  const location = waiting.headers.get('location') ?? '';
  assert.deepEqual([waiting.status, location], [202, `/requests/${requestId}`]);
  assert(Number(waiting.headers.get('retry-after')) > 0, 'Retry-After');
  assert.equal((await trial.send(location, { token })).status, 202);
  const stranger = await trial.send(location);
  await problemOf(stranger, 401, 'token_missing');
  await reply(trial, await take(trial, own), 201, 'there');
  const end = Date.now() + trial.patienceMs;
  let found = await trial.send(location, { token });
  while (found.status === 202 && Date.now() < end)
    found = await trial.send(location, { token: trial.apiKey });
  assert.deepEqual([found.status, await found.text()], [201, 'there']);
}

async function isStrict(trial: Trial): Promise<void> {
  const own = mark();
  const { answer } = await ask(trial, own, 'handling=strict, wait=0');
  const response = await answer;
  assert.match(response.headers.get('location') ?? '', /^\/requests\/./);
  await problemOf(response, 408, 'wait_exceeded');
  await reply(trial, await take(trial, own), 200, 'nobody waits');
}

async function refusesStrangers(trial: Trial): Promise<void> {
  const { token } = await trial.create();
  const post = (path: string, bearer?: string) =>
    trial.send(path, { method: 'POST', token: bearer, json: {} });
  await problemOf(await post('/requests/no-such-service/list', token), 404, 'not_found');
  await problemOf(await post(`/requests/${trial.method}`), 401, 'token_missing');
  const [service] = trial.method.split('/');
  await problemOf(await post(`/requests/${service}/take`, token), 404, 'not_found');
}

async function countsOneReply(trial: Trial): Promise<void> {
  const own = mark();
  const { answer } = await ask(trial, own, 'wait=0');
  await answer;
  const taken = await take(trial, own);
  const { requestId, lease } = taken;
  const another = crypto.randomUUID();
  await problemOf(await asWorker(trial, `${another}/renew`, { lease }), 400, 'invalid_request');
  assert.equal((await asWorker(trial, `${requestId}/renew`, { lease })).status, 204);
  assert.equal((await reply(trial, taken, 200, 'first')).status, 204);
  await problemOf(await reply(trial, taken, 200, 'second'), 409, 'state_conflict');
  await problemOf(await asWorker(trial, `${requestId}/renew`, { lease }), 409, 'state_conflict');
}

const options = { needs: ['api-key', 'method'], isAlone: true } as const;
export const requestRules: readonly Rule[] = [
  must('hub.request.reply', answersWithTheReply, options),
  must('hub.request.later', isFoundLater, options),
  must('hub.request.strict', isStrict, options),
  must('hub.request.refused', refusesStrangers, options),
  must('hub.request.lease', countsOneReply, options),
];
