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
import { staleReply } from '../redis/errors.ts';

/** What the keys of a channel begin with. A brace in the name would end the hash tag early. */
export function tagOf(prefix: string, channelId: string): string {
  return `${prefix}:{${encodeURIComponent(channelId)}}`;
}

/**
 * Every script gets an epoch for a channel that begins, now and the largest age in milliseconds, the bounds of durable notifications
 * and of subjects, and the generation or ''.
 */
export const COMMON_ARGUMENTS = 6;

const keysOfChannel = `
local meta, durable, values, live, ended, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
`;

/** What scripts do with the channel whose keys stand in these names. */
export const channelFunctions = `
local generation = ARGV[6]
if generation ~= '' and redis.call('HGET', log, 'generation') ~= generation then return ${staleReply} end
local maxAge, durableMax, subjectsMax = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local horizon = tonumber(ARGV[2]) - tonumber(maxAge)

-- Redis may have evicted one key of a channel and not the others: without the epoch of the channel they are worthless.
local function use()
  local epoch = redis.call('HGET', meta, 'epoch')
  if not epoch then
    epoch = ARGV[1]
    redis.call('DEL', meta, durable, values, live, ended)
    redis.call('HSET', meta, 'epoch', epoch, 'seq', '0')
  end
  return generation == '' and epoch or epoch .. '.' .. generation
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
  redis.call('HSET', values, 'e' .. subject, string.format('%.0f', math.max(last, known or 0)))
  redis.call('ZADD', ended, redis.call('HINCRBY', meta, 'tick', 1), subject)
end

local function forgetOldDurable()
  local length = redis.call('LLEN', durable)
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

local function leave()
  forgetOldDurable()
  forgetOldSubjects()
  for _, key in ipairs({ meta, durable, values, live, ended }) do redis.call('PEXPIRE', key, maxAge) end
end
`;

const common = `${keysOfChannel}${channelFunctions}`;

/** For each record: partition id, offset, recorded at, body, subject, version or '', 1 for a final one, the position that its partition must have reached. */
const APPEND_ARGUMENTS_PER_RECORD = 8;

/** Replies the epoch, then two numbers for each record: its `seq`, or 0 where it is no longer kept; 1 where it was added, else 0. */
export const appendScript = `${common}
local checked = {}
for first = ${COMMON_ARGUMENTS + 1}, #ARGV, ${APPEND_ARGUMENTS_PER_RECORD} do
  local partitionId, needed = ARGV[first], tonumber(ARGV[first + 7])
  if needed > (checked[partitionId] or 0) then
    if needed > tonumber(redis.call('HGET', log, 'applied:' .. partitionId) or '0') then return ${staleReply} end
    checked[partitionId] = needed
  end
end

local epoch = use()
local reply = { epoch }

local function findAgain(partitionId, offset)
  local entries = redis.call('LRANGE', durable, 0, -1)
  local oldest = tonumber(redis.call('HGET', meta, 'seq')) - #entries
  for index, entry in ipairs(entries) do
    local keptOffset, keptPartitionId = string.match(entry, '^%S+ (%S+) (%S+) ')
    if keptOffset == offset and keptPartitionId == partitionId then return oldest + index end
  end
  return 0
end

for first = ${COMMON_ARGUMENTS + 1}, #ARGV, ${APPEND_ARGUMENTS_PER_RECORD} do
  local partitionId, offset, recordedAt, body = ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3]
  local highest = tonumber(redis.call('HGET', meta, 'o:' .. partitionId) or '-1')
  if tonumber(offset) <= highest then
    reply[#reply + 1] = findAgain(partitionId, offset)
    reply[#reply + 1] = 0
  else
    redis.call('HSET', meta, 'o:' .. partitionId, offset)
    reply[#reply + 1] = redis.call('HINCRBY', meta, 'seq', 1)
    reply[#reply + 1] = 1
    redis.call('RPUSH', durable, recordedAt .. ' ' .. offset .. ' ' .. partitionId .. ' ' .. body)
    if ARGV[first + 6] == '1' then endSubject(ARGV[first + 4], ARGV[first + 5]) end
  end
end
leave()
return reply
`;

/** Further arguments: recorded at, body, subject, version, 1 for a final one. Replies the epoch, or '' where the version is not newer. */
export const progressScript = `${common}
local recordedAt, body, subject, version = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local epoch = use()
local known = liveVersion(subject) or endedVersion(subject) or -1
local isNewer = tonumber(version) > known
if isNewer and ARGV[11] == '1' then
  endSubject(subject, version)
elseif isNewer then
  dropEnded(subject)
  redis.call('HSET', values, 's' .. subject, version .. ' ' .. recordedAt .. ' ' .. body)
  redis.call('ZADD', live, redis.call('HINCRBY', meta, 'tick', 1), subject)
end
leave()
return isNewer and epoch or ''
`;

/**
 * Further arguments: the epoch and `seq` that a client knows, or two ''. Replies epoch, `seq`, 1 for recovered, the `seq` of the
 * first durable body, durable bodies, progress bodies.
 */
export const openScript = `${common}
local epoch = use()
leave()
local seq = tonumber(redis.call('HGET', meta, 'seq'))
local oldest = seq - redis.call('LLEN', durable)
local known = tonumber(ARGV[8])
local recovered = known ~= nil and ARGV[7] == epoch and known >= oldest and known <= seq
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
