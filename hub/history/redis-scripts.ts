/** The operations of the history as scripts, which Redis executes atomically. `redis-channel-script.ts` has what they share. */
import { staleReply } from '../redis/errors.ts';
import { channelFunctions } from './redis-channel-script.ts';

/**
 * Appends records of one partition. Further arguments: the partition id, the position that the partition must have reached, and of each
 * record its `durableArguments`. Replies for each record the epoch, and its `seq`, negative where it was there already, 0 where it is no
 * longer kept; and how many channels were damaged.
 *
 * What holds subjects lives on only where a subject changes: by the time that it expires, all of it is too old to be shown.
 */
export const appendScript = `${channelFunctions}
local partitionId, needed = take(), tonumber(take())
local applied = tonumber(redis.call('HGET', log, 'applied:' .. partitionId) or '0') or 0
if needed > applied then return ${staleReply} end
local mark = 'o:' .. partitionId
local epoch, seq, highest, length, epochs, numbers

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

local function appendAll()
  epochs, numbers = {}, {}
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
end

local _, dropped = withoutDamage(appendAll)
return { epochs, numbers, dropped }
`;

/**
 * Further arguments for each record: version, the value to keep, subject, 1 for a final one. Replies for each record the epoch, or ''
 * where the version is not newer, and 0 where it was set before; and how many channels were damaged.
 *
 * A record that is delivered again while it is the newest is not taken for an old one: whoever set it may have sent it to nobody. Of an
 * end the version alone is known.
 */
export const progressScript = `${channelFunctions}
local epoch, mayBeNew, mayBeFull, epochs, added

-- The keys of subjects expire together, so that one of them stands for all, unless one of them may have been made now. What is too old
-- is left to the next opening: nobody sees it before.
local function leave()
  if mayBeNew or isDue(meta) or isDue(values) then keepFor(meta, values, live, ended) end
  if mayBeFull then forgetOldSubjects() end
end

-- Returns the epoch or '', and whether it is new.
local function set(version, value, subject, isFinal)
  local known = redis.call('HMGET', values, 's' .. subject, 'e' .. subject)
  local shown, over = known[1] and string.match(known[1], '^%S+'), known[2]
  local number, newest = tonumber(version), tonumber(shown or over or '-1')
  if number < newest then return '', 0 end
  if number == newest then return (known[1] == value or isFinal and not shown) and epoch or '', 0 end
  if isFinal then
    endSubject(subject, version)
    mayBeNew, mayBeFull = true, true
  else
    if over then dropEnded(subject) end
    if redis.call('ZADD', live, redis.call('HINCRBY', meta, 'tick', 1), subject) == 1 then
      local size = redis.call('ZCARD', live)
      mayBeNew, mayBeFull = mayBeNew or size == 1, mayBeFull or size > subjectsMax
    end
    -- The version comes last, as in endSubject.
    redis.call('HSET', values, 's' .. subject, value)
  end
  return epoch, 1
end

local function setAll()
  epochs, added = {}, {}
  for number = 2, #KEYS do
    if KEYS[number] ~= meta then
      if meta then leave() end
      epoch, mayBeNew, mayBeFull = use(KEYS[number], 'tick'), false, false
    end
    local version, value, subject, isFinal = take(), take(), take(), take() == '1'
    epochs[#epochs + 1], added[#added + 1] = set(version, value, subject, isFinal)
  end
  leave()
end

local _, dropped = withoutDamage(setAll)
return { epochs, added, dropped }
`;

/**
 * Further arguments: the epoch and `seq` that a client knows, or two ''. Replies epoch, `seq`, 1 for recovered, the `seq` of the
 * first durable body, durable bodies, progress bodies, and 1 where the channel was damaged.
 */
export const openScript = `${channelFunctions}
-- Returns what the pattern captures of a value.
local function part(value, pattern)
  return string.match(value, pattern) or error('damaged', 0)
end

local function open()
  local epoch, seq = use(KEYS[2], 'tick')
  forgetOldDurable(redis.call('LLEN', durable))
  forgetOldSubjects()
  keepFor(meta, durable, values, live, ended)
  local oldest = seq - redis.call('LLEN', durable)
  if oldest < 0 then error('damaged', 0) end
  local knownEpoch, known = take(), tonumber(take())
  local recovered = known ~= nil and knownEpoch == epoch and known >= oldest and known <= seq
  local from = recovered and known - oldest or 0
  local missed, progress = {}, {}
  for index, entry in ipairs(redis.call('LRANGE', durable, from, -1)) do
    missed[index] = part(entry, '^%S+ %S+ %S+ (.*)$')
  end
  for _, subject in ipairs(redis.call('ZRANGE', live, 0, -1)) do
    local value = redis.call('HGET', values, 's' .. subject)
    if value then progress[#progress + 1] = part(value, '^%S+ %S+ (.*)$') end
  end
  return { epoch, seq, recovered and 1 or 0, oldest + from + 1, missed, progress }
end

local opened, dropped = withoutDamage(open)
opened[#opened + 1] = dropped
return opened
`;

/** Begins channels. Replies the epoch of each; '' for one that is there already. */
export const beginScript = `${channelFunctions}
local epochs = {}
for number = 2, #KEYS do
  local isNew = redis.call('HSETNX', KEYS[number], 'epoch', ARGV[1]) == 1
  if isNew then
    redis.call('HSET', KEYS[number], 'seq', '0')
    redis.call('PEXPIRE', KEYS[number], lifetime)
  end
  epochs[#epochs + 1] = isNew and seenAs(ARGV[1]) or ''
end
return epochs
`;

/**
 * The keys are that of `redis-positions.ts` and the `meta` of each channel; the arguments the generation or '', and the largest age in
 * milliseconds. Replies epoch and `seq` of each channel; two '' for one that is not there, or is damaged.
 *
 * Only `meta` lives on, and not at every look: by the time that the other keys expire, all that they held is too old to be shown.
 */
export const positionsScript = `
local generation, maxAge = ARGV[1], tonumber(ARGV[2])
if generation ~= '' and redis.call('HGET', KEYS[1], 'generation') ~= generation then return ${staleReply} end
local reply = {}
for index = 2, #KEYS do
  local values = redis.pcall('HMGET', KEYS[index], 'epoch', 'seq')
  local epoch, seq = values[1] or '', values[2] or ''
  if epoch ~= '' and generation ~= '' then epoch = epoch .. '.' .. generation end
  if epoch ~= '' and redis.call('PTTL', KEYS[index]) < maxAge / 2 then redis.call('PEXPIRE', KEYS[index], ARGV[2]) end
  reply[#reply + 1] = epoch
  reply[#reply + 1] = seq
end
return reply
`;
