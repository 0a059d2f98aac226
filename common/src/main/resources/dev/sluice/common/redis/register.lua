-- Makes an accepted run known before a worker has claimed it.
-- KEYS[1] the run's hash   KEYS[2] the zset of the key's runs
-- KEYS[3] the epoch   KEYS[4] the epoch whose runs are all known
-- KEYS[5] the zset of the runs of its lane that wait for a worker, by since when
-- ARGV    run, how long to keep (ms), a digest of the request, accepted (epoch ms), then names and
--         values of what is known of the run
-- Answers {'new'}; {'joined'} or {'conflict'} if the run was known, for the same request or another;
--         {'unsure'} if it may have been, before Redis lost its data
local known = redis.call('HMGET', KEYS[1], 'state', 'body', 'cancel')
if known[1] then
  local body = known[2] or '' -- unknown where the run was restored from the log
  return {(body == '' or body == ARGV[3]) and 'joined' or 'conflict'}
end
if ARGV[3] ~= '' then
  local epoch = redis.call('GET', KEYS[3])
  if not epoch or redis.call('GET', KEYS[4]) ~= epoch then
    return {'unsure'}
  end
end
redis.call('HSET', KEYS[1], 'state', 'queued', 'attempt', 0, 'body', ARGV[3], 'accepted', ARGV[4],
  unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[4]) - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if not known[3] then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  redis.call('ZADD', KEYS[5], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[5], ARGV[2])
end
return {'new'}
