/**
 * Appends records of one partition of the log to many channels, and moves the partition's position, with one script. Where records
 * that Redis has lost are read again, this takes a fraction of what `RedisHistory.append` takes for each of them.
 *
 * The script is the whole step: it is refused unless the partition's position has reached the first record, and the position moves with
 * the records. So a script that fails leaves nothing that a later one could be appended behind.
 */
import type { BatchSpan } from '@tidings/event-log/event-log.ts';
import type { Result } from 'ioredis';
import { z } from 'zod';
import type { RedisConnections } from '../redis/connections.ts';
import { staleReply } from '../redis/errors.ts';
import { defaultHistoryLimits, type HistoryLimits, type RecordedEvent } from './channel-history.ts';
import { bodyOf } from './notification-json.ts';
import {
  COMMON_ARGUMENTS,
  channelFunctions,
  commonArguments,
  durableArguments,
  tagOf,
} from './redis-channel-script.ts';
import { type LogPartition, partitionIdOf, type RedisPositions } from './redis-positions.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsBulkAppend(...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

/**
 * The key is that of `redis-positions.ts`. Further arguments: partition id, from, next; then for each channel its tag, the number of its
 * records, and for each record its `durableArguments`. Replies how many records were added, as the others stood in their channels already,
 * and how many channels were damaged.
 *
 * The names of the other keys are made here, as one for each of a thousand arguments would cost more than the work on them: the hubs'
 * Redis is no cluster. What is too old is dropped when the channel is used.
 */
const bulkAppendScript = `${channelFunctions}
local partitionId, position = ARGV[${COMMON_ARGUMENTS + 1}], 'applied:' .. ARGV[${COMMON_ARGUMENTS + 1}]
local from, next = tonumber(ARGV[${COMMON_ARGUMENTS + 2}]), tonumber(ARGV[${COMMON_ARGUMENTS + 3}])
local applied = tonumber(redis.call('HGET', log, position) or '0') or 0
if applied < from then return ${staleReply} end
if applied >= next then return { 0, 0 } end

-- Replies how many records were added.
local function appendAll(tag, first, last)
  local highestField = 'o:' .. partitionId
  local _, seq, found = use(tag .. ':meta', highestField)
  local highest = tonumber(found or '-1')
  local entries, ends = {}, {}
  for index = first, last, 3 do
    if tonumber(ARGV[index]) > highest then
      entries[#entries + 1] = ARGV[index + 1]
      if ARGV[index + 2] ~= '' then ends[#ends + 1] = ARGV[index + 2] end
    end
  end
  if #entries == 0 then return 0 end
  for _, ending in ipairs(ends) do
    local version, subject = string.match(ending, '^(%S+) (.*)$')
    endSubject(subject, version)
  end
  -- The mark comes last: before the entries it would lose them where the script fails in between.
  local length = redis.call('RPUSH', durable, unpack(entries))
  redis.call('HSET', meta, 'seq', string.format('%.0f', seq + #entries), highestField, ARGV[last])
  if #ends > 0 then
    forgetOldDurable(length)
    forgetOldSubjects()
    keepFor(values, live, ended)
  elseif length > durableMax then
    redis.call('LTRIM', durable, -durableMax, -1)
  end
  keepFor(meta, durable)
  return #entries
end

local added = 0
local _, dropped = withoutDamage(function()
  local index = ${COMMON_ARGUMENTS + 4}
  while index <= #ARGV do
    local tag, count = ARGV[index], tonumber(ARGV[index + 1])
    local last = index + 2 + (count - 1) * 3
    added = added + appendAll(tag, index + 2, last)
    index = last + 3
  end
end)
redis.call('HSET', log, position, ARGV[${COMMON_ARGUMENTS + 3}])
return { added, dropped }
`;

const replySchema = z.tuple([z.int(), z.int()]);

export interface BulkAppendOptions {
  readonly connections: RedisConnections;
  readonly positions: RedisPositions;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly limits?: Partial<HistoryLimits>;
  /** Prefix of every key; default `tidings`. */
  readonly prefix?: string;
  /** As of `RedisHistory`. */
  onDamage?(channels: number): void;
}

export interface KeptRecord {
  readonly channelId: string;
  readonly offset: number;
  readonly recorded: RecordedEvent;
}

/** Sends also while Redis is checked and down for everybody else. */
export class BulkAppend {
  readonly #options: BulkAppendOptions;

  constructor(options: BulkAppendOptions) {
    this.#options = options;
    const definition = { numberOfKeys: 1, lua: bulkAppendScript };
    options.connections.commands.defineCommand('tidingsBulkAppend', definition);
  }

  /**
   * Appends records of the durable lane, in the order of their offsets, and records that Redis holds the partition up to `next`.
   * Redis executes nothing else meanwhile: the caller bounds how many records come. Resolves with how many were added.
   * @throws RedisUnavailableError, also where Redis has not reached `from`
   */
  async append(
    partition: LogPartition,
    { from, next }: Pick<BatchSpan, 'from' | 'next'>,
    records: readonly KeptRecord[],
  ): Promise<number> {
    const { connections, positions, now, limits, prefix = 'tidings', onDamage } = this.#options;
    const partitionId = partitionIdOf(partition);
    const words = [
      positions.key,
      ...commonArguments(now(), { ...defaultHistoryLimits, ...limits }, positions.generation),
      partitionId,
      String(from),
      String(next),
      ...argumentsOf(prefix, partitionId, records),
    ];
    const reply = await connections.run((redis) => redis.tidingsBulkAppend(...words), true);
    positions.expect(partitionId, next);
    const [added, dropped] = replySchema.parse(reply);
    if (dropped > 0) onDamage?.(dropped);
    return added;
  }
}

function argumentsOf(prefix: string, partitionId: string, records: readonly KeptRecord[]): string[] {
  const byChannel = new Map<string, string[]>();
  for (const { channelId, offset, recorded } of records) {
    const { json } = bodyOf(channelId, 'durable', recorded.event);
    const words = durableArguments(partitionId, offset, recorded, json);
    const known = byChannel.get(channelId);
    if (known === undefined) byChannel.set(channelId, words);
    else known.push(...words);
  }
  return Array.from(byChannel, ([channelId, words]) => [
    tagOf(prefix, channelId),
    String(words.length / 3),
    ...words,
  ]).flat();
}
