-- Makes a run known again that Redis forgot, or that this claim still holds.
-- KEYS[1] the run's hash   KEYS[2] the zset of the key's runs
-- KEYS[3] the set of the lease's runs, for a claimed run; of those that were given up, for a queued
-- one   KEYS[4] the zset of leases that are being reaped
-- KEYS[5] the zset of the runs of its lane that wait for a worker, by since when
-- ARGV    run, claim id (empty for a run that nobody has), attempt, how long to keep (ms),
--         accepted (epoch ms), then names and values of what is known of the run
-- Answers {1} if it was, {0} if the run is known and another's
local run = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'claim')
if run[1] then
  if ARGV[2] == '' or run[1] ~= 'claimed' or run[3] ~= ARGV[2] then
    return {0}
  end
end
redis.call('HSET', KEYS[1], 'attempt', ARGV[3], 'accepted', ARGV[5], unpack(ARGV, 6))
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], 'claim', ARGV[2])
  redis.call('SADD', KEYS[3], ARGV[1])
end
if redis.call('HGET', KEYS[1], 'state') == 'queued' then
  redis.call('SADD', KEYS[3], ARGV[1])
  redis.call('ZADD', KEYS[4], 'NX', 0, 'abandoned')
  if redis.call('HEXISTS', KEYS[1], 'cancel') == 0 then
    local time = redis.call('TIME')
    local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    redis.call('ZADD', KEYS[5], math.min(now, tonumber(ARGV[5])), ARGV[1])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return {1}
