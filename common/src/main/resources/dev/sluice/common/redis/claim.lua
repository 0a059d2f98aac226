-- Claims a run.
-- KEYS[1] the run's hash: state, attempt, claim, worker, cancel
-- ARGV    attempt floor, claim id, worker, deadline (epoch ms), how long to keep (ms)
-- Answers {outcome, attempt, ms left}
local run = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'cancel', 'claim')
local again = run[1] == 'claimed' and run[4] == ARGV[2] -- the answer to this claim was lost
if run[1] and not again then
  return {'refused', tonumber(run[2] or 0), 0}
end
local attempt = again and tonumber(run[2]) or math.max(tonumber(run[2] or 0), tonumber(ARGV[1])) + 1
redis.call('HSET', KEYS[1], 'state', 'claimed', 'attempt', attempt, 'claim', ARGV[2], 'worker', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
if run[3] then
  return {'cancelled', attempt, 0}
end
local time = redis.call('TIME')
local left = tonumber(ARGV[4]) - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if left <= 0 then
  return {'expired', attempt, 0}
end
return {'execute', attempt, left}
