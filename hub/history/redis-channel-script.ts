/**
 * What every script of the history begins with: the keys of a channel, its arguments, and what is done with a channel that is used.
 *
 * The keys of a channel:
 * - `meta`, a hash: `epoch`, `seq`, `tick` (orders changes of subjects), and for each partition of the log `o:<partition id>`, the highest
 *   offset appended;
 * - `durable`, a list of entries `<recorded at> <offset> <partition id> <body>`, the oldest first, the last one numbered `seq`;
 * - `values`, a hash: `s<subject>`, the newest progress as `<version> <recorded at> <body>`, and `e<subject>`, the version of its end;
 * - `live` and `ended`, sorted sets of subjects, the longest unchanged first.
 *
 * Every script also gets the key of `redis-positions.ts`. It fails with `STALE` where that key holds another generation than the hub
 * works in, or where a partition has not reached the position that an append names. The epoch that clients see holds the generation.
 *
 * Numbers stay the strings that they came as, or are formatted by `%.0f`: Lua would write large ones with an exponent.
 */
import { randomBytes } from 'node:crypto';
import { staleReply } from '../redis/errors.ts';
import type { HistoryLimits, RecordedEvent } from './channel-history.ts';

/** What the keys of a channel begin with. A brace in the name would end the hash tag early. */
export function tagOf(prefix: string, channelId: string): string {
  return `${prefix}:{${encodeURIComponent(channelId)}}`;
}

export function keysOfChannel(prefix: string, channelId: string): string[] {
  return ['meta', 'durable', 'values', 'live', 'ended'].map((name) => `${tagOf(prefix, channelId)}:${name}`);
}

/**
 * Every script gets as keys that of `redis-positions.ts`, and for each record the channel's `meta`; the channel's other keys differ from it in their last
 * word alone. Its arguments are an epoch for channels that begin, now and the largest age in milliseconds, the bounds of durable notifications and
 * of subjects, and the generation or ''.
 */
export const COMMON_ARGUMENTS = 6;

const EPOCH_BYTES = 9;

/** An epoch belongs to a channel, so that channels which begin in one script may share it. @param now milliseconds since 1970 */
export function commonArguments(now: number, limits: HistoryLimits, generation = ''): string[] {
  const { maxAgeMs, durablePerChannel, subjectsPerChannel } = limits;
  const epoch = randomBytes(EPOCH_BYTES).toString('base64url');
  return [epoch, ...[now, maxAgeMs, durablePerChannel, subjectsPerChannel].map(String), generation];
}

/** What scripts get of a durable record: its offset, the entry, and the end of a subject: '' or `<version or -> <subject>`. */
export function durableArguments(
  partitionId: string,
  offset: number,
  { event, recordedAt }: RecordedEvent,
  bodyJson: string,
): string[] {
  const entry = `${recordedAt} ${offset} ${partitionId} ${bodyJson}`;
  return [String(offset), entry, event.final === true ? `${event.version ?? '-'} ${event.subject}` : ''];
}

/** What scripts do with the channel that they use. */
export const channelFunctions = `
local log, generation = KEYS[1], ARGV[6]
if generation ~= '' and redis.call('HGET', log, 'generation') ~= generation then return ${staleReply} end
local maxAge, durableMax, subjectsMax = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local horizon = tonumber(ARGV[2]) - maxAge
local lifetime = string.format('%.0f', maxAge * 17 / 16)
local nextArgument = ${COMMON_ARGUMENTS + 1}
local meta, durable, values, live, ended

local function take()
  nextArgument = nextArgument + 1
  return ARGV[nextArgument - 1]
end

-- The epoch as clients see it.
local function seenAs(epoch)
  return generation == '' and epoch or epoch .. '.' .. generation
end

-- Redis may have evicted one key of a channel and not the others: without the epoch of the channel they are worthless.
-- Returns the epoch, the last seq, and the value of one more field of meta.
local function use(key, field)
  local tag = string.sub(key, 1, -5)
  meta, durable, values, live, ended = key, tag .. 'durable', tag .. 'values', tag .. 'live', tag .. 'ended'
  local known = redis.call('HMGET', meta, 'epoch', 'seq', field)
  local epoch, seq, value = known[1], known[2], known[3]
  if not epoch then
    epoch, seq, value = ARGV[1], '0', nil
    redis.call('DEL', meta, durable, values, live, ended)
    redis.call('HSET', meta, 'epoch', epoch, 'seq', '0')
  end
  local number = tonumber(seq)
  if not number or number < 0 or number > 2 ^ 52 or number % 1 ~= 0 then error('damaged', 0) end
  return seenAs(epoch), number, value or nil
end

-- What goes wrong where the values of a channel are not as this hub writes them: another program has changed them.
local function isDamage(failure)
  local message = type(failure) == 'table' and failure.err or tostring(failure)
  for _, sign in ipairs({ 'damaged', 'WRONGTYPE', 'not an integer', 'attempt to', 'bad argument' }) do
    if string.find(message, sign, 1, true) then return true end
  end
  return false
end

-- Does the work, from the argument at which it begins. A channel that is damaged is dropped, as if Redis had lost it, and the work is done
-- again: what is there already is not added twice. Returns the outcome, and how many channels were dropped.
local function withoutDamage(work)
  local begin, dropped = nextArgument, 0
  while true do
    nextArgument, meta = begin, nil
    local isDone, outcome = pcall(work)
    if isDone then return outcome, dropped end
    if not meta or dropped == #KEYS + #ARGV or not isDamage(outcome) then error(outcome, 0) end
    redis.call('DEL', meta, durable, values, live, ended)
    dropped = dropped + 1
  end
end

local function liveVersion(subject)
  local value = redis.call('HGET', values, 's' .. subject)
  return value and tonumber(string.match(value, '^%S+')) or nil
end

local function endedVersion(subject)
  return tonumber(redis.call('HGET', values, 'e' .. subject) or nil)
end

local function dropLive(subject)
  redis.call('ZREM', live, subject)
  redis.call('HDEL', values, 's' .. subject)
end

local function dropEnded(subject)
  redis.call('ZREM', ended, subject)
  redis.call('HDEL', values, 'e' .. subject)
end

-- An end without a version ends every version of the subject that is known.
local function endSubject(subject, version)
  local progress, known = liveVersion(subject), endedVersion(subject)
  local last = tonumber(version) or progress or known or 0
  if progress and progress > last then return end
  dropLive(subject)
  redis.call('ZADD', ended, redis.call('HINCRBY', meta, 'tick', 1), subject)
  -- The version comes last: what failed before it is done when the end is delivered again.
  redis.call('HSET', values, 'e' .. subject, string.format('%.0f', math.max(last, known or 0)))
end

local function forgetOldDurable(length)
  local surplus = math.max(0, length - durableMax)
  while surplus < length do
    local recordedAt = string.match(redis.call('LINDEX', durable, surplus), '^%S+')
    if tonumber(recordedAt) >= horizon then break end
    surplus = surplus + 1
  end
  if surplus > 0 then redis.call('LTRIM', durable, surplus, -1) end
end

local function forgetOldSubjects()
  local size = redis.call('ZCARD', live)
  while size > 0 do
    local subject = redis.call('ZRANGE', live, 0, 0)[1]
    local value = redis.call('HGET', values, 's' .. subject)
    local recordedAt = value and tonumber(string.match(value, '^%S+ (%S+)')) or -1
    if size <= subjectsMax and recordedAt >= horizon then break end
    dropLive(subject)
    size = size - 1
  end
  local surplus = redis.call('ZCARD', ended) - subjectsMax
  if surplus > 0 then
    for _, subject in ipairs(redis.call('ZRANGE', ended, 0, surplus - 1)) do dropEnded(subject) end
  end
end

local function isDue(key)
  local left = redis.call('PTTL', key)
  return left < maxAge and left ~= -2
end

-- Keys live on for the largest age, and for up to a sixteenth more, so that most uses of a channel write no expiry. Those of one call
-- are renewed together: what names a subject must not expire before what is kept of it.
local function keepFor(...)
  for _, key in ipairs({ ... }) do
    if isDue(key) then
      -- Not PEXPIRE: before Redis 7.2 each call looks at the clock anew.
      local now = redis.call('TIME')
      local expiry = string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + lifetime)
      for _, each in ipairs({ ... }) do redis.call('PEXPIREAT', each, expiry) end
      return
    end
  end
end
`;
