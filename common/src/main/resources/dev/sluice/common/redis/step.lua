-- Notes where a step of a run stands in the log, unless a later claim holds the run. Whatever
-- crashed before, the run makes progress.
-- KEYS[1] the run's hash   KEYS[2] the list of its steps
-- ARGV    claim id, 'ordinal:offset', how long to keep (ms)
-- Answers {1} if it was noted, {0} if not
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then
  return {0}
end
redis.call('HSET', KEYS[1], 'crashes', 0)
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {1}
