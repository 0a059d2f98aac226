-- Notes that a run has ended, unless a later claim holds it.
-- KEYS[1] the run's hash
-- ARGV    claim id, how long to keep (ms)
-- Answers {1} if it was noted, {0} if not
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[1] then
  return {0}
end
redis.call('HSET', KEYS[1], 'state', 'ended')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1}
