-- Sets the flag that cancels a run, whether or not a worker has claimed it.
-- KEYS[1] the run's hash
-- ARGV    how long to keep (ms)
-- Answers {1} if the run had not ended, {0} if it had
if redis.call('HGET', KEYS[1], 'state') == 'ended' then
  return {0}
end
redis.call('HSET', KEYS[1], 'cancel', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {1}
