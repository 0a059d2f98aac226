-- Counts a run's watchers.
-- KEYS[1] the run's hash
-- ARGV    how many more, or fewer where negative
-- Answers {1} if the run has not ended and nobody watches it now, else {0}
local run = redis.call('HMGET', KEYS[1], 'state', 'watchers')
if run[1] == 'ended' then
  return {0}
end
local watchers = math.max(0, tonumber(run[2] or 0) + tonumber(ARGV[1]))
if run[1] then
  redis.call('HSET', KEYS[1], 'watchers', watchers)
end
return {watchers == 0 and 1 or 0}
