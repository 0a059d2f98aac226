-- Notes that a run has ended, unless a later claim holds it.
-- KEYS[1] the run's hash   KEYS[2] the list of its steps   KEYS[3] the set of the lease's runs
-- ARGV    run, claim id, status, offset of its end, how long to keep (ms)
-- Answers {1} if it was noted, {0} if not
redis.call('SREM', KEYS[3], ARGV[1])
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[2] then
  return {0}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], 'state', 'ended', 'status', ARGV[3], 'end', ARGV[4], 'ended_at', now)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return {1}
