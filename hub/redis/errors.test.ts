import { expect, test } from 'vitest';
import { isOutageReply, isStaleReply, isUnanswered, RedisUnavailableError } from './errors.ts';

function reply(message: string): Error {
  const error = new Error(message);
  error.name = 'ReplyError';
  return error;
}

test.each([
  "READONLY You can't write against a read only replica.",
  "READONLY You can't write against a read only replica. script: 6f0b, on @user_script:7.",
  "ERR Error running script (call to f_6f0b): @user_script:7: @user_script: 7: -READONLY You can't write against a read only replica.",
  'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.',
  "OOM command not allowed when used memory > 'maxmemory'. script: 6f0b, on @user_script:7.",
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'NOREPLICAS Not enough good replicas to write.',
  'NOAUTH Authentication required.',
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
])('is an outage: %s', (message) => {
  expect(isOutageReply(reply(message))).toBe(true);
});

test.each([
  'WRONGTYPE Operation against a key holding the wrong kind of value script: 6f0b, on @user_script:7.',
  "ERR unknown command 'READONLY'",
])('is a mistake of ours: %s', (message) => {
  expect(isOutageReply(reply(message))).toBe(false);
});

test('a stale reply of the hub’s scripts is no outage', () => {
  const stale = reply('STALE Redis holds another generation, or less of the log');
  expect([isStaleReply(stale), isOutageReply(stale)]).toEqual([true, false]);
  expect(isOutageReply(new Error('READONLY of another library'))).toBe(false);
});

test('a command is unanswered where it was sent and no reply has come', () => {
  const failed = (cause?: Error) => new RedisUnavailableError('Redis did not execute the command', { cause });
  expect(isUnanswered(failed(new Error('Command timed out')))).toBe(true);
  expect(isUnanswered(failed(reply('STALE Redis holds another generation')))).toBe(false);
  expect(isUnanswered(failed())).toBe(false);
  expect(isUnanswered(new Error('Command timed out'))).toBe(false);
});
