import { problemOf } from '@tidings/testing/connections/requests.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { foldedImport, keep } from '../test/folded-import.ts';
import { HeldAnswers } from './held-answers.ts';

const userJwtSecret = 'u'.repeat(32);
const headers = { Prefer: 'wait=60' };

async function startServer() {
  const { log } = await startFaultyLog();
  let waits = 0;
  class CountedAnswers extends HeldAnswers {
    override holdFor<Found>(
      ...[seconds, response, wait]: Parameters<typeof HeldAnswers.prototype.holdFor<Found>>
    ) {
      waits += 1;
      return super.holdFor(seconds, response, wait);
    }
  }
  const server = await startApiServer(
    { log },
    { userJwtSecret, heldAnswers: new CountedAnswers(), services: { echo: { methods: { say: {} } } } },
  );
  const running = foldedImport('mira');
  await keep(log, running);
  const untilHeld = (count: number) => eventually(() => expect(waits).toBe(count));
  return { ...server, untilHeld, path: `/imports/${running.state.importId}` };
}

// An answer that had waited told the state, or what a service had replied, to whom support had just shut out.
test('an answer that is held ends as soon as the tokens of its sender are taken back, and no other', async () => {
  const { send, issueToken, untilHeld, path } = await startServer();
  const say = { method: 'POST', body: '{}', headers: { ...headers, 'Content-Type': 'application/json' } };
  const form = new FormData();
  form.append('file', new Blob(['email\na@held.example\n']), 'a.csv');
  const held = [
    send(path, await issueToken('mira'), { headers }),
    send('/imports', await issueToken('mira'), { method: 'POST', body: form, headers }),
    send('/requests/echo/say', await issueToken('mira'), say),
    send('/requests/echo/say', signUserToken('mira', userJwtSecret), say),
  ];
  const others = new AbortController();
  const kept = [
    send(path, SUPPORT_TOKEN, { headers, signal: others.signal }),
    send('/requests/echo/say', await issueToken('ada'), { ...say, signal: others.signal }),
  ].map((answer) => answer.catch(() => 'held'));
  await untilHeld(held.length + kept.length);
  await send('/owners/mira/tokens', SUPPORT_TOKEN, { method: 'DELETE' });
  for (const answer of held)
    expect(await problemOf(await answer)).toMatchObject({ status: 401, code: 'token_invalid' });
  others.abort();
  expect(await Promise.all(kept)).toEqual(['held', 'held']);
});
