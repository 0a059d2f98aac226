-- Gives a run up that is still the claimant's, without a crash: the next reaper offers it again.
-- KEYS[1] the run's hash   KEYS[2] the set of the lease's runs   KEYS[3] the set of abandoned runs
-- KEYS[4] the zset of leases that are being reaped   KEYS[5] and KEYS[6] the zsets of the runs that
-- wait for a worker, of the interactive and of the batch lane, by since when
-- ARGV    run, claim id, the name of the lease of abandoned runs
-- Answers {1} if it was given up, {0} if it was another's
redis.call('SREM', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[2] then
  return {0}
end
redis.call('HSET', KEYS[1], 'state', 'queued')
redis.call('HDEL', KEYS[1], 'claim')
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], 'NX', 0, ARGV[3])
local run = redis.call('HMGET', KEYS[1], 'cancel', 'lane')
if not run[1] then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  redis.call('ZADD', run[2] == 'BATCH' and KEYS[6] or KEYS[5], now, ARGV[1])
end
return {1}
