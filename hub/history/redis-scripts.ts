/**
 * The operations of the history as scripts, which Redis executes atomically.
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

/**
 * Every script gets the key of `redis-positions.ts` and the `meta` of a channel for each record, whose other keys differ in their last
 * word alone; and as arguments an epoch for channels that begin, now and the largest age in milliseconds, the bounds of durable
 * notifications and of subjects, and the generation or ''.
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
  return generation == '' and epoch or epoch .. '.' .. generation, tonumber(seq), value or nil
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

-- A subject that stands alone, and has just been set, is left to the next opening.
local function forgetOldSubjects(isJustSet)
  local size = redis.call('ZCARD', live)
  if isJustSet and size == 1 then size = 0 end
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

-- Keys live on for the largest age, and for up to a sixteenth more, so that most uses of a channel write no expiry. Those of one call
-- are renewed together: what names a subject must not expire before what is kept of it.
local function keepFor(...)
  local isDue = false
  for _, key in ipairs({ ... }) do
    local left = redis.call('PTTL', key)
    isDue = isDue or (left < maxAge and left ~= -2)
  end
  if not isDue then return end
  for _, key in ipairs({ ... }) do redis.call('PEXPIRE', key, lifetime) end
end
`;

/**
 * Appends records of one partition. Further arguments: the partition id, the position that the partition must have reached, and of each
 * record its `durableArguments`. Replies for each record the epoch, and its `seq`, negative where it was there already, 0 where it is no
 * longer kept.
 *
 * What holds subjects lives on only where a subject changes: by the time that it expires, all of it is too old to be shown.
 */
export const appendScript = `${channelFunctions}
local partitionId, needed = take(), tonumber(take())
if needed > 0 and needed > tonumber(redis.call('HGET', log, 'applied:' .. partitionId) or '0') then return ${staleReply} end
local mark = 'o:' .. partitionId
local epoch, seq, highest, length

local function findAgain(offset)
  local entries = redis.call('LRANGE', durable, 0, -1)
  local oldest = seq - #entries
  for index, entry in ipairs(entries) do
    local keptOffset, keptPartitionId = string.match(entry, '^%S+ (%S+) (%S+) ')
    if keptOffset == offset and keptPartitionId == partitionId then return -(oldest + index) end
  end
  return 0
end

local function leave()
  if length then forgetOldDurable(length) end
  keepFor(meta, durable)
end

local epochs, numbers = {}, {}
for number = 2, #KEYS do
  if KEYS[number] ~= meta then
    if meta then leave() end
    epoch, seq, highest = use(KEYS[number], mark)
    length = nil
  end
  local offset, entry, ending = take(), take(), take()
  if tonumber(offset) <= tonumber(highest or '-1') then
    numbers[#numbers + 1] = findAgain(offset)
  else
    if ending ~= '' then
      local version, subject = string.match(ending, '^(%S+) (.*)$')
      endSubject(subject, version)
      forgetOldSubjects()
      keepFor(values, live, ended)
    end
    -- The mark comes last: before the entry, or the end of a subject, it would lose what fails between them.
    length = redis.call('RPUSH', durable, entry)
    highest, seq = offset, seq + 1
    redis.call('HSET', meta, 'seq', string.format('%.0f', seq), mark, offset)
    numbers[#numbers + 1] = seq
  end
  epochs[#epochs + 1] = epoch
end
leave()
return { epochs, numbers }
`;

/**
 * Further arguments for each record: version, the value to keep, subject, 1 for a final one. Replies for each record the epoch, or ''
 * where the version is not newer; and the error of those that fail, else ''.
 *
 * A value of another type in the place of our own fails the records of its channel alone: what was set for others is not newer when
 * it is delivered again, and nobody would be sent it. A Redis that is full or read-only fails the whole script, before anything is set.
 */
export const progressScript = `${channelFunctions}
local epoch, isJustSet

local function leave()
  keepFor(meta, values, live, ended)
  forgetOldSubjects(isJustSet)
end

local function set(key, version, value, subject, isFinal)
  if key ~= meta or not epoch then
    epoch, isJustSet = nil, false
    epoch = use(key, 'tick')
  end
  local known = redis.call('HMGET', values, 's' .. subject, 'e' .. subject)
  local shown, over = known[1] and string.match(known[1], '^%S+'), known[2]
  if tonumber(version) <= tonumber(shown or over or '-1') then return '' end
  isJustSet = isFinal ~= '1'
  if isFinal == '1' then
    endSubject(subject, version)
  else
    if over then dropEnded(subject) end
    -- The version comes last, as in endSubject.
    redis.call('ZADD', live, redis.call('HINCRBY', meta, 'tick', 1), subject)
    redis.call('HSET', values, 's' .. subject, value)
  end
  return epoch
end

-- Replies the error where the type of a value is wrong.
local function attempt(work, ...)
  local isDone, outcome = pcall(work, ...)
  if isDone then return outcome, '' end
  local message = type(outcome) == 'table' and outcome.err or tostring(outcome)
  if not string.find(message, 'WRONGTYPE', 1, true) then error(outcome) end
  return '', message
end

local epochs, errors = {}, {}
for number = 2, #KEYS do
  -- What is set stays set, whatever is found among what is old.
  if epoch and KEYS[number] ~= meta then attempt(leave) end
  local outcome, failure = attempt(set, KEYS[number], take(), take(), take(), take())
  epochs[#epochs + 1], errors[#errors + 1] = outcome, failure
end
if epoch then attempt(leave) end
return { epochs, errors }
`;

/**
 * Further arguments: the epoch and `seq` that a client knows, or two ''. Replies epoch, `seq`, 1 for recovered, the `seq` of the
 * first durable body, durable bodies, progress bodies.
 */
export const openScript = `${channelFunctions}
local epoch, seq = use(KEYS[2], 'tick')
forgetOldDurable(redis.call('LLEN', durable))
forgetOldSubjects()
keepFor(meta, durable, values, live, ended)
local oldest = seq - redis.call('LLEN', durable)
local knownEpoch, known = take(), tonumber(take())
local recovered = known ~= nil and knownEpoch == epoch and known >= oldest and known <= seq
local from = recovered and known - oldest or 0
local missed, progress = {}, {}
for index, entry in ipairs(redis.call('LRANGE', durable, from, -1)) do
  missed[index] = string.match(entry, '^%S+ %S+ %S+ (.*)$')
end
for _, subject in ipairs(redis.call('ZRANGE', live, 0, -1)) do
  local value = redis.call('HGET', values, 's' .. subject)
  if value then progress[#progress + 1] = string.match(value, '^%S+ %S+ (.*)$') end
end
return { epoch, seq, recovered and 1 or 0, oldest + from + 1, missed, progress }
`;

/**
 * The keys are that of `redis-positions.ts` and the `meta` of each channel; the arguments the generation or '', and the largest age in
 * milliseconds. Replies epoch and `seq` of each channel; two '' for one that is not there.
 *
 * Only `meta` lives on, and not at every look: by the time that the other keys expire, all that they held is too old to be shown.
 */
export const positionsScript = `
local generation, maxAge = ARGV[1], tonumber(ARGV[2])
if generation ~= '' and redis.call('HGET', KEYS[1], 'generation') ~= generation then return ${staleReply} end
local reply = {}
for index = 2, #KEYS do
  local values = redis.call('HMGET', KEYS[index], 'epoch', 'seq')
  local epoch, seq = values[1] or '', values[2] or ''
  if epoch ~= '' and generation ~= '' then epoch = epoch .. '.' .. generation end
  if epoch ~= '' and redis.call('PTTL', KEYS[index]) < maxAge / 2 then redis.call('PEXPIRE', KEYS[index], ARGV[2]) end
  reply[#reply + 1] = epoch
  reply[#reply + 1] = seq
end
return reply
`;
