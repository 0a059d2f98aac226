-- Notes where a step of a run stands in the log, unless a later claim holds the run. Whatever
-- crashed before, the run makes progress.
-- KEYS[1] the run's hash   KEYS[2] the list of its steps
-- ARGV    claim id, 'ordinal:offset', how long to keep (ms)
-- Answers {1} if it was noted, {2} if moreover the run is to be cancelled, {0} if it was not noted
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then
  return {0}
end
redis.call('HSET', KEYS[1], 'crashes', 0)
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {redis.call('HEXISTS', KEYS[1], 'cancel') + 1}
