-- Takes back a run that was made known and could not be published.
-- KEYS[1] the run's hash   KEYS[2] the zset of the key's runs
-- KEYS[3] the zset of the runs of its lane that wait for a worker
-- ARGV    run
-- Answers {1} if it was taken back, {0} if somebody has met it, or published it, all the same
local run = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'offer')
if run[1] ~= 'queued' or run[2] ~= '0' or run[3] then
  return {0}
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return {1}
