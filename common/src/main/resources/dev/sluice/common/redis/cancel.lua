-- Sets the flag that cancels a run, whether or not a worker has claimed it.
-- KEYS[1] the run's hash
-- ARGV    how long to keep (ms); further 'unwatched' if only where nobody watches it
-- Answers {1} if the run had not ended, {0} if it had, or is watched
local run = redis.call('HMGET', KEYS[1], 'state', 'watchers')
if run[1] == 'ended' or (ARGV[2] == 'unwatched' and tonumber(run[2] or 0) > 0) then
  return {0}
end
redis.call('HSET', KEYS[1], 'cancel', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {1}
