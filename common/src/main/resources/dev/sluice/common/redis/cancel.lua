-- Sets the flag that cancels a run, whether or not a worker has claimed it.
-- KEYS[1] the run's hash   KEYS[2] and KEYS[3] the zsets of the runs that wait for a worker, of the
-- interactive and of the batch lane
-- ARGV    run, how long to keep (ms); further 'unwatched' if only where nobody watches it
-- Answers {1} if the run had not ended, {0} if it had, or is watched
local run = redis.call('HMGET', KEYS[1], 'state', 'watchers')
if run[1] == 'ended' or (ARGV[3] == 'unwatched' and tonumber(run[2] or 0) > 0) then
  return {0}
end
redis.call('HSET', KEYS[1], 'cancel', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return {1}
